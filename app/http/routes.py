"""Routes as data: what a surface serves, and how it authenticates and renders errors."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from app.domain.common.errors import NotFound
from app.http.bodies import BodyRule
from app.http.credentials import CredentialReader, authorization, organization_of
from app.http.errors import HttpError
from app.http.messages import Handler, Headers, Request, Response
from app.http.parameters import Parameter

# The converter in a path's variable part, such as `rest:` in `<rest:webhook_id>`.
_CONVERTER = re.compile(r"<\w+:")


@dataclass(frozen=True, slots=True)
class Route:
    """path: in Werkzeug's syntax. permission: a scope, credentials.PLATFORM, or None for everybody.
    other_permission: it admits, too, and the handler checks for what.
    query: parsed strictly; None: the handler reads the query itself. body: None: it is not read.
    on_loop: an event loop may call the handler; it needs no database, or responds with Pending.
    streams: its documents may be Streamed. headers: of every response, errors
    included."""

    method: str
    path: str
    handler: Handler
    permission: str | None = None
    other_permission: str | None = None
    query: tuple[Parameter, ...] | None = None
    body: BodyRule | None = None
    on_loop: bool = False
    streams: bool = False
    headers: Headers = ()

    @property
    def writes(self) -> bool:
        return self.method in ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Surface:
    """unmatched: paths at which nothing is served, so that their 404 has this surface's shape.
    both_slashes: each path is served with and without a slash at its end.
    challenges: values of WWW-Authenticate for a 401. invalid_id: raised for an id in a path that is
    not a UUID. text_ids: variable parts of paths that are no UUIDs.
    patterns: regular expressions for converters of the surface's own, by name; one whose name ends
    in `path` may match slashes."""

    name: str
    routes: tuple[Route, ...]
    unmatched: tuple[str, ...]
    render_error: Callable[[HttpError], Response]
    credentials: tuple[CredentialReader, ...] = (authorization,)
    challenges: tuple[str, ...] = (
        'Bearer realm="callboard"',
        'Basic realm="callboard", charset="UTF-8"',
    )
    organization: Callable[[Request], str] = organization_of
    invalid_id: Callable[[], Exception] = NotFound
    text_ids: frozenset[str] = frozenset()
    both_slashes: bool = False
    patterns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """The routes of one path. label: the path as metrics name it. streams: one of them may."""

    path: str
    routes: dict[str, Route]
    allowed: str = field(init=False)
    label: str = field(init=False)
    streams: bool = field(init=False)

    def __post_init__(self) -> None:
        methods = {*self.routes, "OPTIONS", *(["HEAD"] if "GET" in self.routes else [])}
        object.__setattr__(self, "allowed", ", ".join(sorted(methods)))
        object.__setattr__(self, "label", _CONVERTER.sub("<", self.path))
        object.__setattr__(self, "streams", any(route.streams for route in self.routes.values()))


def resources(routes: Iterable[Route]) -> list[Resource]:
    by_path: dict[str, dict[str, Route]] = {}
    for route in routes:
        by_path.setdefault(route.path, {})[route.method] = route
    return [Resource(path, methods) for path, methods in by_path.items()]
