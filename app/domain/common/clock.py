"""Times as the product keeps them: whole milliseconds since the epoch, UTC."""

import time
from datetime import UTC, datetime
from functools import lru_cache


def now_ms() -> int:
    """The present. Only surfaces, services and loops ask; rules take `now` as an argument."""
    return time.time_ns() // 1_000_000


def iso(ms: int) -> str:
    """`2026-02-24T11:52:20.810Z` from milliseconds since the epoch."""
    seconds, millis = divmod(ms, 1000)
    return f"{_to_the_second(seconds)}.{millis:03d}Z"


@lru_cache(maxsize=4096)
def _to_the_second(seconds: int) -> str:
    # Kept, since events and rows that are near each other share their seconds.
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def iso_or_none(ms: int | None) -> str | None:
    return None if ms is None else iso(ms)


def parse_iso(text: str) -> int:
    """Milliseconds since the epoch from ISO 8601; no offset means UTC. ValueError if it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000
