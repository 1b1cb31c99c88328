"""A complete request, as read from a connection."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote_to_bytes, urlsplit

from app.http.wsgi import too_large

if TYPE_CHECKING:
    from app.http.front.reading import Peer
    from app.http.front.stream import Stream

FieldPairs = list[tuple[bytes, bytes]]

_CONTROL = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


class BadTarget(ValueError):
    """The request's target cannot be taken apart."""


@dataclass(eq=False)
class Arrived:
    """headers: by name in lower case, in the order of arrival; repeated ones joined by a comma.
    target: as it was sent. size: of the body in bytes; a body that was longer than what is kept
    (`is_cut`) is not in `body`. scheme: as the client sees it."""

    method: str
    target: str
    version: tuple[int, int]
    headers: dict[str, str]
    peer: "Peer"
    scheme: str
    body: bytes = b""
    size: int = 0
    is_cut: bool = False
    path_bytes: bytes = field(init=False)
    query: str = field(init=False)

    def __post_init__(self) -> None:
        """BadTarget."""
        path, self.query = _split(self.target)
        self.path_bytes = unquote_to_bytes(path) if "%" in path else path.encode("latin-1")

    @cached_property
    def path(self) -> str:
        """Decoded; bytes that are not UTF-8 are replaced."""
        return "/" + self.path_bytes.decode("utf-8", "replace").lstrip("/")

    def read_body(self, limit: int) -> bytes:
        """TooLarge: more than `limit` bytes."""
        if self.is_cut or self.size > limit:
            raise too_large(limit)
        return self.body


def _split(target: str) -> tuple[str, str]:
    """Path and query, both as sent."""
    if target.startswith("/") and "#" not in target:
        path, _, query = target.partition("?")
        return path, query
    try:
        # A target that starts with two slashes is a path, no host.
        parts = urlsplit(f".{target}" if target.startswith("//") else target)
    except ValueError as error:
        raise BadTarget(target) from error
    return parts.path.removeprefix(".") if target.startswith("//") else parts.path, parts.query


def headers_of(pairs: FieldPairs) -> dict[str, str]:
    """Names with an underscore are dropped: a program behind us may take them for others."""
    headers: dict[str, str] = {}
    for name_bytes, value_bytes in pairs:
        name, value = name_bytes.decode("latin-1"), value_bytes.decode("latin-1")
        if "_" not in name:
            headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


Headers = tuple[tuple[str, str], ...] | list[tuple[str, str]]


class Reply(Protocol):
    """Takes the response to a request: `send`, or `start` and what a stream calls. All in the
    thread of the event loop."""

    @property
    def peer(self) -> "Peer": ...

    @property
    def is_gone(self) -> bool:
        """Whether the client has left, or at least sends no more."""
        return False

    def send(self, status: int, headers: Headers, body: bytes | None) -> None:
        """A whole response. body: None for a response that has none."""

    def start(self, stream: "Stream", status: int, headers: Headers, phrase: str) -> None:
        """A response whose parts follow. phrase: of the status line; "" for the usual one."""

    def write(self, data: bytes) -> None: ...

    def end(self, *, is_broken: bool = False) -> None:
        """is_broken: the client must not take the response for complete."""


def is_plain(headers: Headers) -> bool:
    """Whether no header would break the response apart."""
    return not _CONTROL.search("".join([part for header in headers for part in header]))
