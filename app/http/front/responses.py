"""Responses as bytes."""

import time
from email.utils import formatdate
from http import HTTPStatus

from app.http.front.arrived import Headers

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_BODILESS = frozenset({204, 304})

_date = (0, "")


def head(
    version: tuple[int, int],
    status: int,
    headers: Headers,
    *,
    closes: bool,
    chunked: bool = False,
    phrase: str = "",
) -> bytes:
    """Status line and headers. chunked: the body follows in chunks."""
    lines = [
        f"HTTP/{version[0]}.{version[1]} {status} {phrase or _PHRASES.get(status, 'Unknown')}",
        "Server: gunicorn",
        _date_line(),
        "Connection: close" if closes else "Connection: keep-alive",
    ]
    if chunked:
        lines.append("Transfer-Encoding: chunked")
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def has_body(method: str, status: int) -> bool:
    return method != "HEAD" and status >= 200 and status not in _BODILESS


def _date_line() -> str:
    global _date  # noqa: PLW0603 -- a new one each second
    now = int(time.time())
    if _date[0] != now:
        _date = (now, f"Date: {formatdate(now, usegmt=True)}")
    return _date[1]
