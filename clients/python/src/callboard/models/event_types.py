"""The catalogue of event types."""

from typing import Any, Literal, NotRequired, TypedDict


class ListedEventType(TypedDict):
    name: str
    description: str
    has_sample: bool
    has_schema: bool
    webhook_count: int
    created_at: str


class MatchingWebhook(TypedDict):
    """by_name: it names the type; else it takes all types."""

    id: str
    name: str
    url: str
    by_name: bool


class EventType(TypedDict):
    """schema_check: what happens to posted events that do not match the schema; servers before 0.2
    do not send it."""

    name: str
    description: str
    sample: dict[str, Any] | None
    schema: dict[str, Any] | None
    schema_check: NotRequired[Literal["off", "warn", "reject"]]
    webhooks: list[MatchingWebhook]
    created_at: str


class ImportedEventType(TypedDict):
    name: str
    becomes: Literal["new", "changed", "same", "refused"]
    problem: str | None
    note: str | None


class EventTypeImport(TypedDict):
    event_types: list[ImportedEventType]
    dry_run: bool
