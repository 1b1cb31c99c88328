"""Requests and responses about event types."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from app.api.schemas.requests import Input
from app.api.schemas.responses import Id, Schema, Time
from app.domain.common.names import LINES_PATTERN
from app.domain.event_types.fields import MAX_DESCRIPTION

Name = Annotated[str, Meta(examples=["encoding.finished"])]


class ListedEventType(Schema, frozen=True):
    """webhook_count: how many webhooks match it."""

    name: Name
    description: str
    has_sample: bool
    has_schema: bool
    webhook_count: int
    created_at: Time


class MatchingWebhook(Schema, frozen=True):
    """by_name: it names the type; false: it matches all types."""

    id: Id
    name: str
    url: str
    by_name: bool


SchemaCheck = Annotated[
    Literal["off", "warn", "reject"],
    Meta(
        description="What happens to a posted event whose payload does not match the schema:"
        " nothing, it is accepted and marked, or it is rejected."
    ),
]


class EventType(Schema, frozen=True):
    name: Name
    description: str
    sample: Annotated[Any, Meta(description="A payload, byte for byte; null: the presets' sample.")]
    schema: Annotated[dict[str, Any] | None, Meta(description="A JSON Schema of payloads.")]
    schema_check: SchemaCheck
    webhooks: list[MatchingWebhook]
    created_at: Time


class EventTypeInput(Input, frozen=True, kw_only=True):
    """Replaces the whole description; missing fields become empty."""

    description: (
        Annotated[str, Meta(max_length=MAX_DESCRIPTION, pattern=LINES_PATTERN)] | UnsetType | None
    ) = UNSET
    sample: dict[str, Any] | UnsetType | None = UNSET
    schema: Annotated[
        dict[str, Any] | UnsetType | None,
        Meta(
            description="Checks the sample and events sent by hand, and posted events as"
            " `schema_check` says."
        ),
    ] = UNSET
    schema_check: SchemaCheck | UnsetType | None = UNSET


class ImportInput(Input, frozen=True, kw_only=True):
    document: Annotated[
        dict[str, Any] | str,
        Meta(description="OpenAPI 3.x with `webhooks` or `x-webhooks`; a string may be YAML."),
    ]
    dry_run: bool | UnsetType = UNSET


class Imported(Schema, frozen=True):
    """becomes: `new`, `changed`, `same`, or `refused` for the reason in `problem`. note: what was
    left out."""

    name: str
    becomes: str
    problem: str | None
    note: str | None


class Import(Schema, frozen=True):
    event_types: list[Imported]
    dry_run: bool
