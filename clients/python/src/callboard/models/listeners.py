"""Listeners, which fetch their callbacks, and what their machine responds."""

from typing import Literal, NotRequired, TypedDict

from callboard.models.deliveries import Body, Header


class ListenerSettings(TypedDict, total=False):
    """As of a webhook. event_types: without them all. secret: whsec_..., signs its callbacks."""

    name: str
    preset: str
    event_types: list[str]
    sources: list[str]
    filter: str
    secret: str


class ListedListener(TypedDict):
    """seen_at: when it last asked for callbacks."""

    id: str
    name: str
    event_types: list[str] | None
    created_at: str
    seen_at: str


class Listener(ListedListener):
    """secret: only in the response that creates it."""

    secret: str


class Callback(TypedDict):
    """A request to pass on. query: without the question mark. attempt: its number, from 1."""

    id: str
    created_at: str
    delivery_id: str | None
    event_type: str | None
    attempt: int | None
    method: str
    query: str
    headers: list[Header]
    body: Body


class Callbacks(TypedDict):
    """is_replaced: another request of this listener waits now."""

    data: list[Callback]
    is_replaced: bool


class LocalResponse(TypedDict):
    """Either `status`, with headers and a body; or `error`, why there is no response."""

    status: NotRequired[int]
    headers: NotRequired[list[Header]]
    body: NotRequired[str]
    body_encoding: NotRequired[Literal["utf-8", "base64"]]
    error: NotRequired[str]
