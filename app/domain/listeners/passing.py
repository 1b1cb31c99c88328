"""What of a request and of its response is passed on."""

import re
from collections.abc import Iterable, Iterator

from app.domain.common.names import is_token
from app.domain.listeners.urls import HEADER

MAX_HEADERS, MAX_HEADER_BYTES = 100, 16 << 10
# Of a response, as much as is stored of any.
MAX_BODY = 64 << 10

_OF_CONNECTION = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# Set by proxies in between, or by Callboard itself.
_PREFIXES = ("proxy-", "x-forwarded-")
# The body is passed on decoded.
_OF_RESPONSE = _OF_CONNECTION | {"content-encoding", "date", "server", "content-type"}
_CONTROL = re.compile(r"[^\t\x20-\x7e\x80-\xff]")

Pair = tuple[str, str]


def for_listener(headers: Iterable[Pair]) -> Iterator[Pair]:
    """A delivery's headers, without those between the worker and Callboard."""
    for name, value in headers:
        lower = name.lower()
        if lower in _OF_CONNECTION or lower.startswith(_PREFIXES) or lower == HEADER.lower():
            continue
        yield name, value


def for_sender(headers: Iterable[Pair]) -> list[Pair]:
    """A local response's headers that can be sent on, and are not too many; its content type, which
    `content_type_of` has, is not among them."""
    kept: list[Pair] = []
    size = 0
    for name, value in headers:
        if name.lower() in _OF_RESPONSE or name.lower().startswith("proxy-"):
            continue
        if not is_token(name) or _CONTROL.search(value):
            continue
        size += len(name) + len(value) + 4
        if size > MAX_HEADER_BYTES or len(kept) >= MAX_HEADERS:
            break
        kept.append((name, value))
    return kept


def content_type_of(headers: Iterable[Pair]) -> str:
    for name, value in headers:
        if name.lower() == "content-type" and not _CONTROL.search(value):
            return value[:200]
    return "application/octet-stream"
