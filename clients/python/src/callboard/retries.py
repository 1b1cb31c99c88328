"""When a request is sent again, and after how long."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """retries: after the first try. Delays grow from `initial_delay` by a factor of two up to
    `max_delay` seconds; each is shortened at random by up to half, so that clients spread out. A
    Retry-After header replaces the delay, up to `max_delay`."""

    retries: int = 4
    initial_delay: float = 0.5
    max_delay: float = 30.0

    def delay(self, retry: int, retry_after: float | None = None) -> float:
        """Seconds before retry number `retry` (the first is 1)."""
        if retry_after is not None:
            return min(retry_after, self.max_delay)
        # Beyond 2**32 the maximum applies anyway.
        longest = min(self.initial_delay * 2.0 ** min(retry - 1, 32), self.max_delay)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311  (spreads load, guards nothing)
