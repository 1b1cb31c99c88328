"""A request in the shape in which it goes over the wire, to the last byte of its head.

Every header is set here, none by libcurl, so that what is recorded as sent is what was sent.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from app.domain.addresses.urls import check_url
from app.domain.common.errors import Invalid


class Unsendable(Exception):
    """The request has a URL, a method or a header that cannot be sent; the text says which."""


Pairs = Iterable[tuple[str, str]]


class Headers(Protocol):
    def items(self) -> Pairs: ...


class Request(Protocol):
    """What is taken from a `requests.PreparedRequest`, or from anything that has as much.

    headers: a mapping, or a list of pairs where a name may occur twice."""

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
    """Where requests of one scheme, host and port go.

    url: for libcurl, without a path. addresses: known without a look-up; None: to be resolved.
    name: the host, when it is one that has to be pinned to its addresses."""

    url: str
    host_header: str
    name: str | None
    port: int
    addresses: tuple[str, ...] | None
    is_tls: bool

    @property
    def host(self) -> str:
        return self.name or self.host_header.removesuffix(f":{self.port}")


@dataclass(slots=True)
class Outgoing:
    """options: header lines for libcurl: those of the head, and words that keep it from adding
    others."""

    url: str
    origin: Origin
    method: str
    target: str
    head: bytes
    options: list[str] | list[bytes]
    body: bytes


_URL = re.compile(r"([A-Za-z]+://[^/?#]+)([^#]*)")
_TARGET = re.compile(r"[\x21-\x7e]*")
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# A body of nothing is told as such, but for methods that have none as a rule.
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

_AGENT, _ACCEPT, _CONTENT_TYPE = 1, 2, 4
_BITS = {"user-agent": _AGENT, "accept": _ACCEPT, "content-type": _CONTENT_TYPE}
# These belong to the connection, or follow from the URL and the body.
_OURS = re.compile(
    "host|content-length|transfer-encoding|connection|keep-alive|proxy-connection"
    "|te|trailer|upgrade|expect"
)
# libcurl asks for a leave (100-continue) before a large body.
_MAY_EXPECT = 64 * 1024


@lru_cache(maxsize=8192)
def find_origin(origin: str) -> Origin:
    """Of scheme, host and port as written in a URL. Raises Invalid."""
    checked = check_url(origin)
    host_header = checked.origin.partition("://")[2]
    is_tls = checked.scheme == "https"
    literal = checked.literal
    is_literal = str(literal) == checked.host
    addresses: tuple[str, ...] | None = None
    if literal is not None:
        # It is the name localhost, or one below it, if it is no address.
        addresses = (checked.host,) if is_literal else ("127.0.0.1", "::1")
    name = None if is_literal else checked.host
    return Origin(checked.origin + "/", host_header, name, checked.port, addresses, is_tls)


def write_out(request: Request) -> Outgoing:
    """The request as it will be sent. Raises Unsendable."""
    url, method, body = request.url or "", request.method or "GET", request.body or b""
    origin, target = _split(url)
    if _METHOD.fullmatch(method) is None:
        raise Unsendable("the method is no token")
    if isinstance(body, str):
        body = body.encode()
    if method == "HEAD":
        body = b""
    lines, seen = _header_lines(request.headers)
    if body or method not in _BODILESS:
        lines.append(f"Content-Length: {len(body)}")
    host = f"Host: {origin.host_header}"
    text = "\r\n".join((f"{method} {target} HTTP/1.1", host, *lines, "", ""))
    head = _encode(text, len(lines) + 3)
    if ":\r\n" in text:
        # What libcurl sends as an empty header has a semicolon here.
        lines = [line if ": " in line else line[:-1] + ";" for line in lines]
    options = _options([host, *lines], seen, body, is_ascii=text.isascii())
    return Outgoing(url, origin, method, target, head, options, body)


@lru_cache(maxsize=8192)
def _split(url: str) -> tuple[Origin, str]:
    parts = _URL.match(url)
    if parts is None:
        raise Unsendable("it is not a whole URL")
    origin, target = parts.groups()
    if _TARGET.fullmatch(target) is None:
        raise Unsendable("it holds characters that a URL cannot have")
    try:
        origin = find_origin(origin)
    except Invalid as error:
        raise Unsendable(error.errors[0].problem.rstrip(".")) from error
    return origin, target if target.startswith("/") else "/" + target


def _header_lines(given: Headers | Sequence[tuple[str, str]]) -> tuple[list[str], int]:
    """The lines of the caller's headers, and which of the known ones are among them."""
    pairs: Pairs = given if isinstance(given, Sequence) else given.items()
    lines, names = [], []
    for name, value in pairs:
        names.append(name)
        lines.append(f"{name}: {value}".strip(" \t"))
    dropped, seen = _survey(tuple(names))
    for index in dropped:
        del lines[index]
    return lines, seen


@lru_cache(maxsize=4096)
def _survey(names: tuple[str, ...]) -> tuple[list[int], int]:
    """Of a webhook's header names, which are the same each time: where those stand that are set
    here, from the last to the first, and which of the known ones there are."""
    small = [name.lower() for name in names]
    ours = [index for index, name in enumerate(small) if _OURS.fullmatch(name)]
    seen = 0
    for name in small:
        seen |= _BITS.get(name, 0)
    return ours[::-1], seen


def _encode(head: str, expected_lines: int) -> bytes:
    """As bytes, when it has as many lines as it should: none is smuggled in by a value."""
    try:
        encoded = head.encode("latin-1")
    except UnicodeEncodeError as error:
        raise Unsendable("a header has characters that headers cannot have") from error
    ends = encoded.count(b"\n")
    if ends != expected_lines or encoded.count(b"\r") != ends or b"\0" in encoded:
        raise Unsendable("a header has a line break or a NUL")
    return encoded


def _options(
    options: list[str], seen: int, body: bytes, *, is_ascii: bool
) -> list[str] | list[bytes]:
    """A name with a colon and nothing after it keeps libcurl from adding that header."""
    if not seen & _AGENT:
        options.append("User-Agent:")
    if not seen & _ACCEPT:
        options.append("Accept:")
    if body and not seen & _CONTENT_TYPE:
        options.append("Content-Type:")
    if len(body) >= _MAY_EXPECT:
        options.append("Expect:")
    return options if is_ascii else [option.encode("latin-1") for option in options]
