"""What the API answers, as types: they are encoded as they stand, and openapi.py describes them."""

from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta

from app.api.schemas import settings

T = TypeVar("T")

Id = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
OfWebhook = Annotated[
    Id | None, Meta(description="null: it goes to the event's own callback, not to a webhook.")
]
Milliseconds = Annotated[float, Meta(ge=0)]


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All fields of an answer are always there; null says that there is no value."""


class Page(Shape, Generic[T], frozen=True):
    """next_cursor: give it as `cursor` for the next page; null: this was the last."""

    data: list[T]
    next_cursor: str | None


class CreatedDelivery(Shape, frozen=True):
    id: Id
    webhook_id: OfWebhook
    state: str


class Published(Shape, frozen=True):
    """An event that was accepted, with the deliveries that it makes."""

    id: Id
    type: str
    deliveries: list[CreatedDelivery]
    duplicate: Annotated[
        bool, Meta(description="It had been accepted before under the same id; nothing was made.")
    ]


class PublishedBatch(Shape, frozen=True):
    events: list[Published]


class ListedEvent(Shape, frozen=True):
    id: Id
    type: str
    source: str | None
    occurred_at: Time
    created_at: Time
    producer_id: Annotated[str | None, Meta(description="The `id` that the producer gave.")]
    ordering_key: str | None
    callback: str | None
    callback_preset: str | None


class NotChosen(Shape, frozen=True):
    """A webhook that gets no delivery of the event, and why."""

    webhook_id: Id
    webhook_name: str
    webhook_url: str
    reason: str
    detail: str


class ListedDelivery(Shape, frozen=True):
    id: Id
    state: str
    event_id: Id
    event_type: str
    source: str | None
    webhook_id: OfWebhook
    webhook_name: str
    url: str
    attempt_count: int
    last_status: int | None
    last_cause: str | None
    next_attempt_at: Time | None
    held: Annotated[bool, Meta(description="Its webhook is paused, so that it waits.")]
    blocked: Annotated[
        bool, Meta(description="It waits for an earlier delivery of its ordering key.")
    ]
    created_at: Time
    updated_at: Time


class Event(ListedEvent, frozen=True):
    payload: Annotated[Any, Meta(description="As it came in; null once it has expired.")]
    payload_expired: bool
    deliveries: list[ListedDelivery]
    not_chosen: list[NotChosen]


class Header(Shape, frozen=True):
    name: str
    value: str


class Body(Shape, frozen=True):
    """encoding: `utf-8`, or `base64` where the bytes are no UTF-8."""

    text: str
    encoding: str
    bytes: int


class SentRequest(Shape, frozen=True):
    """The request as it went over the wire. body: null once it can no longer be made."""

    request_line: str
    headers: list[Header]
    body: Body | None


class ReceivedResponse(Shape, frozen=True):
    """truncated: there was more than is kept."""

    status_line: str
    headers: list[Header]
    body: Body
    truncated: bool


class Timings(Shape, frozen=True):
    """Milliseconds; null: that phase was not reached, or a connection was used again."""

    dns_ms: Milliseconds | None
    connect_ms: Milliseconds | None
    tls_ms: Milliseconds | None
    first_byte_ms: Milliseconds | None
    total_ms: Milliseconds


class Attempt(Shape, frozen=True):
    number: int
    started_at: Time
    url: str
    status: int | None
    cause: Annotated[str, Meta(description="`ok`, or why it failed: a stable word.")]
    explanation: Annotated[str, Meta(description="The cause in plain words.")]
    what_to_do: str
    request: SentRequest
    response: ReceivedResponse | None
    timings: Timings
    remote_address: str | None


class Delivery(ListedDelivery, frozen=True):
    next_step: str
    attempts: list[Attempt]


class ActedOn(Shape, frozen=True):
    """count: how many are, or under dry_run would be, sent again or cancelled."""

    count: int
    dry_run: bool


class SentSince(Shape, frozen=True):
    """count: how many are, or under dry_run would be, sent."""

    count: int
    dry_run: bool
    next_since: Annotated[
        Time | None, Meta(description="There is more: go on with this as `since`. null: all done.")
    ]


@settings.listed(after="state")
class ListedWebhook(Shape, frozen=True):
    id: Id
    state: Annotated[str, Meta(description="`active`, `paused`, `disabled` or `used`.")]
    retry_waits_seconds: Annotated[
        list[float], Meta(description="The delays before attempts 2, 3, ..., without jitter.")
    ]
    disabled_reason: str | None
    disabled_at: Time | None
    created_at: Time
    updated_at: Time


@settings.with_secrets
class Webhook(ListedWebhook, frozen=True):
    """The two secrets that its owner gave are shown here, and in no list."""

    public_key: Annotated[
        str | None, Meta(description="`whpk_...`, with which a receiver verifies `v1a`.")
    ]


class Secret(Shape, frozen=True):
    secret: str


class Checked(Shape, frozen=True):
    """What the receiver did with a sample event."""

    succeeded: bool
    event_type: str
    attempt: Attempt
