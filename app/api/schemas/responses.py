"""Response bodies of the API as types, from which openapi.py describes them."""

from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta

from app.api.schemas import settings

T = TypeVar("T")

Id = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
WebhookId = Annotated[Id | None, Meta(description="null: it is for the event's one-off callback.")]
Milliseconds = Annotated[float, Meta(ge=0)]


class Schema(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every field is always present; null means no value."""


class Page(Schema, Generic[T], frozen=True):
    """next_cursor: the `cursor` of the next page; null on the last one."""

    data: list[T]
    next_cursor: str | None


class SearchPage(Page[T], Generic[T], frozen=True):
    searched_to: Annotated[
        Time | None,
        Meta(
            description="A page searches a limited number of rows. This one and those before it"
            " have all matches created after this time; null: the search is complete."
        ),
    ]


class CreatedDelivery(Schema, frozen=True):
    id: Id
    webhook_id: WebhookId
    state: str


class SchemaMismatch(Schema, frozen=True):
    """path: a JSON path in the payload, `$` for the whole."""

    path: str
    problem: str


SchemaMismatches = Annotated[
    list[SchemaMismatch],
    Meta(description="Where it does not match its type's schema, if that warns: at most 10."),
]


class Published(Schema, frozen=True):
    """An accepted event and the deliveries that it created."""

    id: Id
    type: str
    deliveries: list[CreatedDelivery]
    duplicate: Annotated[
        bool,
        Meta(description="An event with the same `id` was accepted before; nothing was created."),
    ]
    schema_mismatches: SchemaMismatches


class PublishedBatch(Schema, frozen=True):
    events: list[Published]


class ListedEvent(Schema, frozen=True):
    id: Id
    type: str
    source: str | None
    occurred_at: Time
    created_at: Time
    producer_id: Annotated[str | None, Meta(description="The producer's own `id`.")]
    ordering_key: str | None
    callback: str | None
    callback_preset: str | None
    schema_mismatches: SchemaMismatches


class NonMatchingWebhook(Schema, frozen=True):
    """A webhook that the event did not match, and why."""

    webhook_id: Id
    webhook_name: str
    webhook_url: str
    reason: str
    detail: str


class ListedDelivery(Schema, frozen=True):
    id: Id
    state: str
    event_id: Id
    event_type: str
    source: str | None
    webhook_id: WebhookId
    webhook_name: str
    matched_by: Annotated[
        str | None,
        Meta(
            description="Which of the webhook's event types or patterns selects the event now;"
            " null: none does, or the webhook gets all types.",
            examples=["encoding.*"],
        ),
    ]
    url: str
    attempt_count: int
    last_status: int | None
    last_cause: str | None
    next_attempt_at: Time | None
    held: Annotated[bool, Meta(description="On hold, because its webhook is paused.")]
    blocked: Annotated[
        bool, Meta(description="Waiting for an earlier delivery with the same ordering key.")
    ]
    is_test: Annotated[bool, Meta(description="A test send: one attempt, never resent.")]
    created_at: Time
    updated_at: Time


class Event(ListedEvent, frozen=True):
    payload: Annotated[
        Any, Meta(description="Exactly as it was received; null once it has expired.")
    ]
    payload_expired: bool
    deliveries: list[ListedDelivery]
    not_chosen: list[NonMatchingWebhook]


class Header(Schema, frozen=True):
    name: str
    value: str


class Body(Schema, frozen=True):
    """encoding: `utf-8`, or `base64` if the bytes are not UTF-8."""

    text: str
    encoding: str
    bytes: int


class SentRequest(Schema, frozen=True):
    """The request exactly as it was sent. body: null once the payload has expired."""

    request_line: str
    headers: list[Header]
    body: Body | None


class ReceivedResponse(Schema, frozen=True):
    """truncated: the body was longer than what is stored."""

    status_line: str
    headers: list[Header]
    body: Body
    truncated: bool


class Timings(Schema, frozen=True):
    """Milliseconds; null: the phase was not reached, or the connection was reused."""

    dns_ms: Milliseconds | None
    connect_ms: Milliseconds | None
    tls_ms: Milliseconds | None
    first_byte_ms: Milliseconds | None
    total_ms: Milliseconds


class Attempt(Schema, frozen=True):
    number: int
    started_at: Time
    url: str
    status: int | None
    cause: Annotated[str, Meta(description="`ok`, or the failure reason as a stable word.")]
    explanation: Annotated[str, Meta(description="The failure reason in plain words.")]
    what_to_do: str
    request: SentRequest
    response: ReceivedResponse | None
    timings: Timings
    remote_address: str | None


class Delivery(ListedDelivery, frozen=True):
    next_step: str
    attempts: list[Attempt]


class BulkResult(Schema, frozen=True):
    """count: how many were resent or cancelled, or with dry_run would be."""

    count: int
    dry_run: bool


class RecoveryResult(Schema, frozen=True):
    """count: how many were sent, or with dry_run would be."""

    count: int
    dry_run: bool
    next_since: Annotated[
        Time | None,
        Meta(description="The `since` of the next request, if more are left; null: done."),
    ]


@settings.listed(after="state")
class ListedWebhook(Schema, frozen=True):
    id: Id
    uid: Annotated[str | None, Meta(description="Your own id, which paths take as well.")]
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
    """With the secrets that its owner set, which no list contains."""

    public_key: Annotated[
        str | None, Meta(description="`whpk_...`, which verifies `v1a` signatures.")
    ]
    client_certificate_expires_at: Time | None
    ca_certificates_expire_at: Annotated[
        Time | None, Meta(description="When the first of them expires.")
    ]


class Secret(Schema, frozen=True):
    secret: str


class CheckResult(Schema, frozen=True):
    """The receiver's response to a sample event."""

    succeeded: bool
    event_type: str
    attempt: Attempt
