"""Events."""

from typing import Any, NotRequired, TypedDict

from callboard.models.deliveries import DeliveryState, ListedDelivery


class CreatedDelivery(TypedDict):
    id: str
    webhook_id: str | None
    state: DeliveryState


class SchemaMismatch(TypedDict):
    """path: a JSON path in the payload, `$` for the whole."""

    path: str
    problem: str


class AcceptedEvent(TypedDict):
    """duplicate: the event had been accepted before under the same id; nothing new was created.
    schema_mismatches: what does not match the schema of its type, whose `schema_check` is `warn`;
    servers before 0.2 do not send it."""

    id: str
    type: str
    deliveries: list[CreatedDelivery]
    duplicate: bool
    schema_mismatches: NotRequired[list[SchemaMismatch]]


class ListedEvent(TypedDict):
    """producer_id: the `id` that the producer gave."""

    id: str
    type: str
    source: str | None
    occurred_at: str
    created_at: str
    producer_id: str | None
    ordering_key: str | None
    callback: str | None
    callback_preset: str | None
    schema_mismatches: NotRequired[list[SchemaMismatch]]


class UnmatchedWebhook(TypedDict):
    """A webhook that gets no delivery of the event, and why."""

    webhook_id: str
    webhook_name: str
    webhook_url: str
    reason: str
    detail: str


class Event(ListedEvent):
    """payload: None once it has expired."""

    payload: dict[str, Any] | None
    payload_expired: bool
    deliveries: list[ListedDelivery]
    not_chosen: list[UnmatchedWebhook]
