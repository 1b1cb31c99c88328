"""The reader's time zone, which a script tells in a cookie."""

from functools import lru_cache
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from flask import has_request_context, request

COOKIE = "zone"
_LONGEST = 64


def reader_zone() -> ZoneInfo | None:
    """None if it is not known: without a script, or in an email."""
    name = unquote(request.cookies.get(COOKIE, "")) if has_request_context() else ""
    return _zone(name) if 0 < len(name) <= _LONGEST else None


@lru_cache(maxsize=1_000)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # Unknown, not a name at all, or a folder of zones.
        return None
