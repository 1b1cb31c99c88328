"""Lists of attempts, without headers and bodies."""

from typing import Annotated

from msgspec import Meta

from app.api.schemas.responses import Id, Schema, Time, Timings, WebhookId


class ListedAttempt(Schema, frozen=True):
    """number: within its delivery. url: with secrets masked."""

    delivery_id: Id
    number: int
    event_id: Id
    event_type: str
    webhook_id: WebhookId
    started_at: Time
    url: str
    status: int | None
    cause: Annotated[str, Meta(description="`ok`, or the failure reason as a stable word.")]
    explanation: Annotated[str, Meta(description="The failure reason in plain words.")]
    timings: Timings
    remote_address: str | None
    is_test: bool
