"""Put requests together from the bytes of a connection.

Gunicorn's parser reads them, so that a request means the same as under gunicorn's other workers.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from gunicorn.asgi.parser import (
    InvalidHeader,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseError,
    PythonProtocol,
    UnsupportedTransferCoding,
)

from app.http.front.arrived import Arrived, BadTarget, headers_of
from app.http.front.limits import Limits

_FIELD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\Z")
_CODES = {
    400: "malformed",
    408: "timeout",
    414: "too_large",
    417: "expectation",
    431: "too_large",
    501: "transfer_coding",
    503: "unavailable",
}
# Above this the route of a request decides how much of its body is kept.
SMALL = 64 << 10


@dataclass(eq=False)
class Refused(Exception):
    """The bytes are not a valid request."""

    status: int
    detail: str

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase

    @property
    def code(self) -> str:
        return _CODES[self.status]


class _TooLong(Exception):
    """The body is longer than what is read and discarded."""


@dataclass(slots=True)
class Budget:
    """Bytes of all bodies that are being read in this process."""

    limit: int
    held: int = 0


@dataclass(frozen=True, slots=True)
class Peer:
    """The two ends of a connection. schemes: headers of a trusted proxy, in lower case, and their
    value for https; empty for any other peer."""

    client: tuple[str, int]
    server: tuple[str, int]
    scheme: str
    schemes: dict[str, str]


class _Parser(PythonProtocol):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's, which skips lines between the last chunk and the end that are no fields; under
    its other workers they are errors."""

    def _find_line(self, limit: int, error: Exception) -> int:
        end: int = super()._find_line(limit, error)
        in_trailer = self._state == "chunked" and self._chunk_state == "trailer"
        if in_trailer and end > 0 and not _FIELD.match(self._buffer, 0, end):
            raise InvalidHeader("a trailer field is malformed")
        return end


class Reader:
    """body_limit: how much of a request's body is kept. on_continue: the client waits for a 100."""

    def __init__(
        self,
        limits: Limits,
        peer: Peer,
        budget: Budget,
        body_limit: Callable[[Arrived], int],
        on_continue: Callable[[], None],
    ) -> None:
        self._limits, self._peer, self._budget = limits, peer, budget
        self._body_limit, self._on_continue = body_limit, on_continue
        self._parser = _Parser(
            on_headers_complete=self._on_header,
            on_body=self._on_body,
            limit_request_line=limits.line_bytes,
            limit_request_fields=limits.fields,
            limit_request_field_size=limits.line_bytes,
        )
        self._chunks: list[bytes] = []
        self._keeps = self._held = 0
        self.received = 0
        self.arrived: Arrived | None = None
        self.is_too_long = False

    @property
    def in_body(self) -> bool:
        return self.arrived is not None

    @property
    def is_whole(self) -> bool:
        """Whether all bytes of the request were read."""
        return bool(self._parser.is_complete)

    @property
    def keeps_alive(self) -> bool:
        """Whether the client may send another request on the connection."""
        whole = self._parser.is_complete and self._parser.should_keep_alive
        return bool(whole) and self._parser.method != b"CONNECT"

    def feed(self, data: bytes) -> Arrived | None:
        """The request, once it is whole or its body turned out to be too long. Refused."""
        self.received += len(data)
        try:
            self._parser.feed(data)
        except _TooLong:
            self.release()
            return self.arrived
        except ParseError as error:
            raise _refused(error, self._limits) from error
        if self._parser.is_complete:
            assert self.arrived is not None
            self.arrived.body = b"".join(self._chunks)
            self.release()
            return self.arrived
        if self.arrived is None and self.received > self._limits.head_bytes:
            raise Refused(431, f"The header is larger than {self._limits.head_bytes} bytes.")
        return None

    def next(self) -> bytes:
        """Be ready for the next request. Returns the bytes of it that have arrived already."""
        rest: bytes = self._parser.remaining()
        self._parser.reset()
        self.received, self.arrived = 0, None
        return rest

    def release(self) -> None:
        """Give back what the body took of the budget."""
        self._budget.held -= self._held
        self._held = 0
        self._chunks.clear()

    def _on_header(self) -> bool:
        parser, peer = self._parser, self._peer
        headers = headers_of(parser.headers)
        length = parser.content_length or 0
        try:
            arrived = self.arrived = Arrived(
                method=parser.method.decode("ascii"),
                target=parser.path.decode("ascii"),
                version=parser.http_version,
                headers=headers,
                peer=peer,
                scheme=_scheme(headers, peer),
            )
        except BadTarget as error:
            raise Refused(400, "The request's target is malformed.") from error
        has_body = bool(length) or parser.is_chunked
        self._keeps = SMALL if length <= SMALL and not parser.is_chunked else -1
        if length > self._limits.discarded:
            arrived.size, arrived.is_cut = length, True
            raise _TooLong
        self._expect(headers, parser.http_version, has_body=has_body)
        return False

    def _expect(self, headers: dict[str, str], version: tuple[int, int], *, has_body: bool) -> None:
        expected = headers.get("expect")
        if expected is None:
            return
        if expected.lower() != "100-continue":
            raise Refused(417, "Expect can only be 100-continue.")
        if has_body and version >= (1, 1):
            self._on_continue()

    def _on_body(self, chunk: bytes) -> None:
        arrived = self.arrived
        assert arrived is not None
        if self._keeps < 0:
            self._keeps = self._body_limit(arrived)
        arrived.size += len(chunk)
        if arrived.size > self._keeps:
            arrived.is_cut = True
            self.release()
            if arrived.size > self._limits.discarded:
                raise _TooLong
            return
        self._chunks.append(chunk)
        self._held += len(chunk)
        self._budget.held += len(chunk)
        if self._budget.held > self._budget.limit:
            raise Refused(503, "Too many large requests are being read. Retry the request.")


def _refused(error: ParseError, limits: Limits) -> Refused:
    if isinstance(error, LimitRequestLine):
        return Refused(414, f"The request line is longer than {limits.line_bytes} bytes.")
    if isinstance(error, LimitRequestHeaders):
        return Refused(
            431,
            f"The header has more than {limits.fields} fields, or one of more than"
            f" {limits.line_bytes} bytes.",
        )
    if isinstance(error, UnsupportedTransferCoding):
        return Refused(501, "Transfer-Encoding can only be chunked.")
    return Refused(400, f"The request is malformed ({type(error).__name__}).")


def _scheme(headers: dict[str, str], peer: Peer) -> str:
    """As the client sees it. Refused: a proxy's headers contradict each other."""
    schemes = {
        "https" if headers[name] == value else "http"
        for name, value in peer.schemes.items()
        if name in headers
    }
    if len(schemes) > 1:
        raise Refused(400, "The headers on the scheme contradict each other.")
    return schemes.pop() if schemes else peer.scheme
