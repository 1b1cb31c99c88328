"""What the API takes and answers about event types."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from app.api.schemas.requests import Input
from app.api.schemas.responses import Id, Shape, Time

Name = Annotated[str, Meta(examples=["encoding.finished"])]


class ListedEventType(Shape, frozen=True):
    """webhook_count: how many webhooks take it."""

    name: Name
    description: str
    has_sample: bool
    has_schema: bool
    webhook_count: int
    created_at: Time


class Taker(Shape, frozen=True):
    """by_name: it names the type; else it takes all types."""

    id: Id
    name: str
    url: str
    by_name: bool


class EventType(Shape, frozen=True):
    name: Name
    description: str
    sample: Annotated[
        Any, Meta(description="A payload, as it was given; null: the sample of the presets.")
    ]
    schema: Annotated[dict[str, Any] | None, Meta(description="A JSON Schema of payloads.")]
    webhooks: list[Taker]
    created_at: Time


class EventTypeInput(Input, frozen=True, kw_only=True):
    """The whole description: what is not given is empty then."""

    description: Annotated[str, Meta(max_length=2000)] | UnsetType | None = UNSET
    sample: dict[str, Any] | UnsetType | None = UNSET
    schema: Annotated[
        dict[str, Any] | UnsetType | None,
        Meta(description="Checks samples and what is sent by hand; posted events are not held to."),
    ] = UNSET


class ImportInput(Input, frozen=True, kw_only=True):
    document: Annotated[
        dict[str, Any] | str,
        Meta(description="OpenAPI 3.x with `webhooks` or `x-webhooks`; a text may be YAML."),
    ]
    dry_run: bool | UnsetType = UNSET


class Imported(Shape, frozen=True):
    """becomes: `new`, `changed`, `same`, or `refused` for the reason in `problem`. note: what of it
    was left out."""

    name: str
    becomes: str
    problem: str | None
    note: str | None


class Import(Shape, frozen=True):
    event_types: list[Imported]
    dry_run: bool
