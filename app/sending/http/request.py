"""Write out a request's head, byte for byte as it is sent.

libcurl adds no header of its own, so the recorded request is the request that was sent.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import msgspec

from app.domain.addresses.urls import check_url
from app.domain.common.errors import Invalid


class Unsendable(Exception):
    """The URL, the method or a header is invalid; the text says which, without a full stop."""


Pairs = Iterable[tuple[str, str]]


class Headers(Protocol):
    def items(self) -> Pairs: ...


class Request(Protocol):
    """A `requests.PreparedRequest`, or anything else with these attributes.

    headers: a mapping, or a list of pairs in which a name may occur twice."""

    @property
    def method(self) -> str | None: ...
    @property
    def url(self) -> str | None: ...
    @property
    def headers(self) -> Headers | Sequence[tuple[str, str]]: ...
    @property
    def body(self) -> bytes | str | None: ...


@dataclass(frozen=True, slots=True)
class Origin:
    """A scheme, host and port.

    url: for libcurl, with the path `/`. addresses: known without a DNS lookup, or None.
    name: the host, or None if it is an IP address."""

    url: str
    host_header: str
    name: str | None
    port: int
    addresses: tuple[str, ...] | None
    is_tls: bool

    @property
    def host(self) -> str:
        return self.name or self.host_header.removesuffix(f":{self.port}")


class Outgoing(msgspec.Struct):
    """options: for HTTPHEADER."""

    url: str
    origin: Origin
    method: str
    target: str
    head: bytes
    options: list[bytes]
    body: bytes


_URL = re.compile(r"([A-Za-z]+://[^/?#]+)([^#]*)")
_TARGET = re.compile(r"[\x21-\x7e]*")
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# These methods send no `Content-Length: 0`.
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

# A name without a value stops libcurl from adding that header.
_NONE_OF_LIBCURL = (b"User-Agent:", b"Accept:", b"Content-Type:", b"Content-Length:", b"Expect:")
# These follow from the connection, the URL and the body; a caller's own are dropped.
_RESERVED = re.compile(
    "host|content-length|transfer-encoding|connection|keep-alive|proxy-connection"
    "|te|trailer|upgrade|expect"
)


@lru_cache(maxsize=8192)
def find_origin(origin: str) -> Origin:
    """origin: scheme, host and port as written in a URL. Raises Invalid."""
    checked = check_url(origin)
    host_header = checked.origin.partition("://")[2]
    is_tls = checked.scheme == "https"
    literal = checked.literal
    is_literal = str(literal) == checked.host
    addresses: tuple[str, ...] | None = None
    if literal is not None:
        # Not an address: `localhost` or a name below it.
        addresses = (checked.host,) if is_literal else ("127.0.0.1", "::1")
    name = None if is_literal else checked.host
    return Origin(checked.origin + "/", host_header, name, checked.port, addresses, is_tls)


def write_out(request: Request) -> Outgoing:
    """Raises Unsendable."""
    url, method, body = request.url or "", request.method or "GET", request.body or b""
    origin, target = _split(url)
    if _METHOD.fullmatch(method) is None:
        raise Unsendable("invalid method")
    if isinstance(body, str):
        body = body.encode()
    if method == "HEAD":
        body = b""
    lines = _header_lines(request.headers)
    if body or method not in _BODILESS:
        lines.append(f"Content-Length: {len(body)}")
    first = f"{method} {target} HTTP/1.1"
    text = "\r\n".join((first, f"Host: {origin.host_header}", *lines, "", ""))
    head = _encode(text, len(lines) + 3)
    # Begins with Host, which libcurl writes first, and passes on whatever its value is: so one
    # entry holds all lines.
    block = head[len(first) + 2 : -4]
    return Outgoing(url, origin, method, target, head, [block, *_NONE_OF_LIBCURL], body)


@lru_cache(maxsize=8192)
def _split(url: str) -> tuple[Origin, str]:
    parts = _URL.match(url)
    if parts is None:
        raise Unsendable("not an absolute URL")
    origin, target = parts.groups()
    if _TARGET.fullmatch(target) is None:
        raise Unsendable("invalid characters in the URL")
    try:
        origin = find_origin(origin)
    except Invalid as error:
        raise Unsendable(error.errors[0].problem.rstrip(".")) from error
    return origin, target if target.startswith("/") else "/" + target


def _header_lines(headers: Headers | Sequence[tuple[str, str]]) -> list[str]:
    pairs: Pairs = headers if isinstance(headers, Sequence) else headers.items()
    lines, names = [], []
    for name, value in pairs:
        names.append(name)
        lines.append(f"{name}: {value}".strip(" \t"))
    for index in _reserved(tuple(names)):
        del lines[index]
    return lines


@lru_cache(maxsize=4096)
def _reserved(names: tuple[str, ...]) -> list[int]:
    """Return the positions of reserved headers, last first. Cached: a webhook's header names are
    the same for every delivery."""
    reserved = [n for n, name in enumerate(names) if _RESERVED.fullmatch(name.lower())]
    return reserved[::-1]


def _encode(head: str, expected_lines: int) -> bytes:
    """Encode the head. The number of lines is checked, so a value cannot inject a header."""
    try:
        encoded = head.encode("latin-1")
    except UnicodeEncodeError as error:
        raise Unsendable("a header has characters outside Latin-1") from error
    newlines = encoded.count(b"\n")
    if newlines != expected_lines or encoded.count(b"\r") != newlines or b"\0" in encoded:
        raise Unsendable("a header has a line break or a NUL")
    return encoded
