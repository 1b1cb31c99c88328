"""The request and the response of every API surface, independent of any web framework."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl

from app.domain.common.strict_json import parse_object
from app.runtime.limits.api_keys import Allowance
from app.services.accounts.actor import Actor
from app.services.accounts.api_keys import Principal
from app.services.events.group_commit import Entry, Receiver

Headers = tuple[tuple[str, str], ...]


class RequestHeaders(Protocol):
    """Header fields by their names in lower case."""

    def get(self, name: str) -> str | None: ...

    def items(self) -> Iterable[tuple[str, str]]: ...


@dataclass(slots=True)
class Request:
    """One request, in two parts.

    The adapter sets what arrived. path: decoded. ids: the variable parts of the path. read_body:
    returns the whole body, at most `limit` bytes; raises TooLarge or Malformed.

    The kernel sets the rest before it calls the handler. ids: then canonical. query: the route's
    declared parameters. organization_id: "" where the route needs none. body, fields: what the
    route's body rule read. receiver: gets what a Pending response waits for; None: the handler may
    wait, and responds at once.
    """

    method: str
    path: str
    query_string: bytes
    headers: RequestHeaders
    read_body: Callable[[int], bytes]
    ids: dict[str, str]
    remote_address: str | None = None
    scheme: str = "http"
    request_id: str = ""
    principal: Principal | None = None
    allowance: Allowance | None = None
    organization_id: str = ""
    query: dict[str, Any] = field(default_factory=dict)
    body: bytes = b""
    fields: dict[str, Any] = field(default_factory=dict)
    receiver: Receiver | None = None

    @property
    def actor(self) -> Actor:
        assert self.principal is not None, "an open route has no actor"
        return self.principal.actor(self.remote_address, self.headers.get("user-agent"))

    @property
    def host(self) -> str:
        """The Host header: name and, where the client sent one, port."""
        return self.headers.get("host") or ""

    def document(self, *, optional: bool = False) -> dict[str, Any]:
        """The body as a JSON object. optional: an empty body is an empty object."""
        return {} if optional and not self.body else parse_object(self.body)

    def query_pairs(self) -> list[tuple[str, str]]:
        """The query string as browsers send it: bytes that are not UTF-8 are replaced."""
        return parse_qsl(self.query_string.decode("utf-8", "replace"), keep_blank_values=True)

    def query_fields(self) -> dict[str, str]:
        """The query parameters; of a repeated one the first value counts."""
        first: dict[str, str] = {}
        for name, value in self.query_pairs():
            first.setdefault(name, value)
        return first


@dataclass(frozen=True, slots=True)
class Streamed:
    """A document of any length, sent while it is read. parts: its bytes, read in the application's
    context. close: is called at the end in any case, even if no part was read."""

    parts: Iterable[bytes]
    close: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Response:
    """document: None sends neither body nor Content-Type; bytes and text are sent unchanged, a
    Streamed one (only of routes that stream) in parts, everything else as JSON. The kernel returns
    it with the encoded body and all headers."""

    status: int
    document: Any = None
    headers: Headers = ()
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Pending:
    """The response follows a commit. entry: the receiver gets it back with its outcome. finish: the
    response for that outcome."""

    entry: Entry
    finish: Callable[[Any], Response]


@dataclass(frozen=True, slots=True)
class Waiting:
    """The response follows when something is announced (`runtime.relaying.topics`); no thread waits
    for it on an event loop. seconds: at most. look: the response, or None to go on waiting; called
    at once and after each announcement. late: the response at the end of that time. Both are called
    in threads, may raise errors, and need no database. close: called once, whatever the end is.
    ends_at_stop: do not let a stop of the process wait."""

    topic: str
    seconds: float
    look: Callable[[], Response | None]
    late: Callable[[], Response]
    close: Callable[[], None] = lambda: None
    ends_at_stop: bool = False


Outcome = Response | Pending | Waiting
Handler = Callable[[Request], Outcome]
