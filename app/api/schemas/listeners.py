"""Listeners, their callbacks and responses, as the API shows and takes them."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from app.api.schemas import settings
from app.api.schemas.requests import Input
from app.api.schemas.responses import Body, Header, Id, Schema, Time
from app.domain.common.names import NOT_NUL_PATTERN
from app.services.listeners.service import FIELDS


class ListedListener(Schema, frozen=True):
    """seen_at: when it last asked for callbacks, to within some seconds."""

    id: Id
    name: str
    event_types: list[str] | None
    created_at: Time
    seen_at: Time


class Listener(ListedListener, frozen=True):
    """secret: signs its callbacks; shown only here."""

    secret: str


@settings.named(FIELDS)
class ListenerInput(Input, frozen=True, kw_only=True):
    """Settings as of a webhook; those that are left out have its defaults."""


class Callback(Schema, frozen=True):
    """A request to pass on, as a webhook would get it. query: without the question mark."""

    id: Id
    created_at: Time
    delivery_id: Id | None
    event_type: str | None
    attempt: int | None
    method: str
    query: str
    headers: list[Header]
    body: Body


class Callbacks(Schema, frozen=True):
    """Empty: none came in time. is_replaced: another request of this listener waits now."""

    data: list[Callback]
    is_replaced: bool


class LocalHeader(Input, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=NOT_NUL_PATTERN)]
    value: Annotated[str, Meta(max_length=4096, pattern=NOT_NUL_PATTERN)]


class LocalResponseInput(Input, frozen=True, kw_only=True):
    """Either `status`, what the local receiver responded; or `error`, why it did not. body: text,
    or with `body_encoding` base64; what is beyond 64 KiB is cut off."""

    status: Annotated[int, Meta(ge=200, le=599)] | UnsetType = UNSET
    headers: Annotated[list[LocalHeader], Meta(max_length=100)] | UnsetType = UNSET
    body: Annotated[str, Meta(pattern=NOT_NUL_PATTERN)] | UnsetType = UNSET
    body_encoding: (
        Annotated[str, Meta(extra_json_schema={"enum": ["utf-8", "base64"]})] | UnsetType
    ) = UNSET
    error: (
        Annotated[str, Meta(min_length=1, max_length=1000, pattern=NOT_NUL_PATTERN)] | UnsetType
    ) = UNSET
