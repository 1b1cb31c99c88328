"""What a dialect is: its routes, and the shape in which it says what went wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Request
from werkzeug.routing import BaseConverter

from app.compat.common import credentials, request_fields
from app.compat.common.faults import Fault, Headers
from app.domain.common.errors import NotFound
from app.domain.common.ids import canonical_id
from app.services.accounts.actor import Actor
from app.services.accounts.api_keys import Principal

MANAGE = "webhooks:manage"


@dataclass(slots=True)
class Call:
    """One request that may be carried out. ids: what stood in the path, as it stood there."""

    request: Request
    request_id: str
    ids: dict[str, str]
    principal: Principal
    organization_id: str = ""

    @property
    def actor(self) -> Actor:
        return self.principal.actor(self.request.remote_addr)

    def id(self, name: str = "webhook_id") -> str:
        """An id of the path in our form. NotFound when it is none."""
        found = canonical_id(self.ids[name])
        if found is None:
            raise NotFound
        return found

    def fields(self, *many: str) -> dict[str, Any]:
        """See `request_fields.fields_of`."""
        return request_fields.fields_of(self.request, many)


@dataclass(frozen=True, slots=True)
class Answer:
    """document: None makes an answer with neither body nor Content-Type; bytes and text are sent
    as they are, all else as JSON."""

    status: int
    document: Any = None
    headers: Headers = ()
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Route:
    """path: a rule of Werkzeug; it is served with and without a slash at its end."""

    method: str
    path: str
    handler: Callable[[Call], Answer]
    permission: str = MANAGE


def own_organization(call: Call) -> str:
    """The key's own organization, or the one that a platform key names in the header."""
    return credentials.organization_of(call.request, call.principal)


@dataclass(frozen=True, slots=True)
class Dialect:
    """fault: how this dialect says what went wrong. rest: rules that take every path under its
    prefix that no route takes, with the converter `other`, such as `/v1/webhook/<other:rest>`.
    key_headers: see `credentials.principal_of`. organization: finds the organization's id.
    challenges: of WWW-Authenticate, for a 401. converters: of its own, by the names that its rules
    call them.
    """

    name: str
    routes: tuple[Route, ...]
    rest: tuple[str, ...]
    fault: Callable[[Fault], Answer]
    key_headers: tuple[str, ...] = ()
    organization: Callable[[Call], str] = own_organization
    challenges: tuple[str, ...] = field(
        default=('Bearer realm="callboard"', 'Basic realm="callboard", charset="UTF-8"')
    )
    converters: tuple[tuple[str, type[BaseConverter]], ...] = ()
