"""Deliveries and their attempts."""

from typing import Literal, TypedDict

DeliveryState = Literal[
    "pending", "sending", "retrying", "succeeded", "failed", "cancelled", "skipped"
]


class Header(TypedDict):
    name: str
    value: str


class Body(TypedDict):
    """encoding: `utf-8`, or `base64` for other bytes. bytes: the length."""

    text: str
    encoding: Literal["utf-8", "base64"]
    bytes: int


class SentRequest(TypedDict):
    """body: None when it can no longer be reconstructed."""

    request_line: str
    headers: list[Header]
    body: Body | None


class ReceivedResponse(TypedDict):
    status_line: str
    headers: list[Header]
    body: Body
    truncated: bool


class Timings(TypedDict):
    dns_ms: float | None
    connect_ms: float | None
    tls_ms: float | None
    first_byte_ms: float | None
    total_ms: float


class Attempt(TypedDict):
    """cause: `ok`, or the failure reason as a stable word; explanation: the same in words."""

    number: int
    started_at: str
    url: str
    status: int | None
    cause: str
    explanation: str
    what_to_do: str
    request: SentRequest
    response: ReceivedResponse | None
    timings: Timings
    remote_address: str | None


class ListedAttempt(TypedDict):
    """number: within its delivery. url: with secrets masked."""

    delivery_id: str
    number: int
    event_id: str
    event_type: str
    webhook_id: str | None
    started_at: str
    url: str
    status: int | None
    cause: str
    explanation: str
    timings: Timings
    remote_address: str | None
    is_test: bool


class ListedDelivery(TypedDict):
    """webhook_id: None for an event's one-off callback. held: its webhook is paused. blocked: an
    earlier delivery of its ordering key has not ended yet. is_test: a test send.
    matched_by: which of the webhook's event types or patterns selects the event now."""

    id: str
    state: DeliveryState
    event_id: str
    event_type: str
    source: str | None
    webhook_id: str | None
    webhook_name: str
    matched_by: str | None
    url: str
    attempt_count: int
    last_status: int | None
    last_cause: str | None
    next_attempt_at: str | None
    held: bool
    blocked: bool
    is_test: bool
    created_at: str
    updated_at: str


class Delivery(ListedDelivery):
    next_step: str
    attempts: list[Attempt]


class AffectedDeliveries(TypedDict):
    """count: how many are, or with dry_run would be, resent or cancelled."""

    count: int
    dry_run: bool
