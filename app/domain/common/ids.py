"""Ids: UUIDs of version 7 as lower-case text with hyphens, which sort by time."""

import re
import time

from app.domain.common.random_bits import random_64_bits

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

# The last id's time, in 4,096ths of a millisecond.
_last = 0


def new_id() -> str:
    """Return the clock to 1/4,096 ms (RFC 9562, 6.2, method 3) and 62 random bits.

    Within a process ids always increase. Below 4 million ids a second their times are accurate to
    the millisecond, so a period of time can be queried as a range of ids.
    """
    global _last  # noqa: PLW0603  (a clock has one last value)
    tick = (time.time_ns() << 12) // 1_000_000
    if tick <= _last:
        tick = _last + 1
    _last = tick
    high = (tick >> 12) << 16 | 0x7000 | (tick & 0xFFF)
    low = 0x8000_0000_0000_0000 | random_64_bits() >> 2
    text = f"{high:016x}{low:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def text_of(id_: bytes) -> str:
    """The id of these 16 bytes."""
    text = id_.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def first_id_of(ms: int) -> str:
    """Return the smallest id of that millisecond: all later ids are >= it."""
    text = f"{max(ms, 0) & 0xFFFF_FFFF_FFFF:012x}"
    return f"{text[:8]}-{text[8:]}-7000-8000-000000000000"


def ms_of(id_: str) -> int:
    """Return when the id was created, in milliseconds since the epoch."""
    return int(id_[:8] + id_[9:13], 16)


def id_after(id_: str) -> str:
    """Return the next greater id; the greatest one is its own successor."""
    text = f"{min(int(id_.replace('-', ''), 16) + 1, (1 << 128) - 1):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(text: object) -> bool:
    """Whether `text` is an id in canonical form."""
    return isinstance(text, str) and UUID.fullmatch(text) is not None


def canonical_id(text: object) -> str | None:
    """Return the id in canonical form (lower case), or None if the text is not an id."""
    lowered = text.lower() if isinstance(text, str) else text
    return lowered if is_id(lowered) else None  # type: ignore[return-value]
