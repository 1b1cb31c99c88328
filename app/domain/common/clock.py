"""Times: whole milliseconds since the epoch, UTC."""

import time
from datetime import UTC, datetime
from functools import lru_cache


def now_ms() -> int:
    """Return the current time. Domain rules never call this: they take `now` as an argument."""
    return time.time_ns() // 1_000_000


def iso(ms: int) -> str:
    """Return ISO 8601 such as `2026-02-24T11:52:20.810Z`."""
    seconds, millis = divmod(ms, 1000)
    return f"{_iso_seconds(seconds)}.{millis:03d}Z"


@lru_cache(maxsize=4096)
def _iso_seconds(seconds: int) -> str:
    # Rows of one page share most of their seconds.
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def iso_or_none(ms: int | None) -> str | None:
    return None if ms is None else iso(ms)


def parse_iso(text: str) -> int:
    """Parse ISO 8601; a time without an offset is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000
