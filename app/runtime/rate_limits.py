"""How many requests an API key may make: one token bucket a key, in this process's memory.

Every API surface takes from the same buckets, so that a key has one allowance however it comes in.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

# Beyond this many keys the full buckets are forgotten: a forgotten bucket is a full one.
MAX_BUCKETS = 10_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key has left. reset: whole seconds until the bucket is full again.
    retry_after: whole seconds until one more request is taken; None: this one is."""

    limit: int
    remaining: int
    reset: int
    retry_after: int | None

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Without Retry-After, which the surface's own 429 carries."""
        return [
            ("X-RateLimit-Limit", str(self.limit)),
            ("X-RateLimit-Remaining", str(self.remaining)),
            ("X-RateLimit-Reset", str(self.reset)),
        ]


class Limiter:
    """`rate` requests a second for each key, and as many at once after a second's rest."""

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        # Per key: tokens left, and when that was so.
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> Allowance:
        """Take one token of `key`, when there is one."""
        now = self._clock()
        with self._lock:
            tokens, since = self._buckets.get(key, (float(self._rate), now))
            tokens = min(float(self._rate), tokens + (now - since) * self._rate)
            taken = tokens >= 1
            if taken:
                tokens -= 1
            if len(self._buckets) >= MAX_BUCKETS and key not in self._buckets:
                self._forget_full(now)
            self._buckets[key] = (tokens, now)
        reset = math.ceil((self._rate - tokens) / self._rate)
        wait = None if taken else max(1, math.ceil((1 - tokens) / self._rate))
        return Allowance(self._rate, int(tokens), reset, wait)

    def _forget_full(self, now: float) -> None:
        self._buckets = {
            key: (tokens, since)
            for key, (tokens, since) in self._buckets.items()
            if tokens + (now - since) * self._rate < self._rate
        }
