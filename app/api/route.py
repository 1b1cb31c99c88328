"""What a route is: a row of a table that the dispatcher carries out and openapi.py writes down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Request

from app.api.parameters import Parameter
from app.domain.common.strict_json import parse_object
from app.services.accounts.actor import Actor
from app.services.accounts.api_keys import Principal

PREFIX = "/api/v1"
# Parts of a path that are names; all others are ids.
NAMES = frozenset(("event_type",))


@dataclass(slots=True)
class Call:
    """One request that may be carried out. ids: from the path, each a canonical id (a path with
    anything else has been answered 404), but for NAMES. organization_id: "" on the routes that
    need none."""

    request: Request
    request_id: str
    ids: dict[str, str]
    query: dict[str, Any]
    principal: Principal | None = None
    organization_id: str = ""
    body: bytes = b""

    @property
    def actor(self) -> Actor:
        assert self.principal is not None, "an open route has no actor"
        return self.principal.actor(self.request.remote_addr)

    def document(self, *, optional: bool = False) -> dict[str, Any]:
        """The body as a JSON object. optional: no body is an empty object."""
        return {} if optional and not self.body else parse_object(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """document: None makes an answer without a body; bytes are sent as they are."""

    status: int
    document: object = None
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Route:
    """permission: a scope, credentials.PLATFORM, or None: anyone. body: the shape of the request's
    body, None: it takes none. answers: the shape by status. max_bytes: names a field of Settings.
    headers: request headers that it reads besides those that all routes read.
    """

    method: str
    path: str
    handler: Callable[[Call], Answer]
    summary: str
    tag: str
    answers: Mapping[int, Any]
    permission: str | None = None
    query: tuple[Parameter, ...] = ()
    body: type | None = None
    body_optional: bool = False
    max_bytes: str = "max_event_bytes"
    errors: tuple[int, ...] = ()
    headers: tuple[str, ...] = ()

    @property
    def writes(self) -> bool:
        return self.method in ("POST", "PUT", "PATCH", "DELETE")
