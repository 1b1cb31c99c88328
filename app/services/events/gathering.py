"""When a group waits for more items before it is committed."""

import time
from collections.abc import Callable

# In a flood, what the clients send after their responses shares a transaction.
GATHER_SECONDS = 0.001
# A group that begins later than this after the last one does not belong to a flood.
FOLLOWS_SECONDS = 0.002


class Gathering:
    """Used by the committing thread. clock: monotonic seconds.

    While groups follow each other at once, each would take the few items that have come so far,
    and a transaction costs more than its items.
    """

    def __init__(self, pause: Callable[[float], None] = time.sleep) -> None:
        self._pause = pause
        self._last_size, self._ended_at = 0, float("-inf")

    def gather(self, waiting: int, clock: float) -> None:
        """Before a group is taken: wait once, unless as many items wait as the last group had."""
        is_flood = self._last_size > 1 and clock - self._ended_at < FOLLOWS_SECONDS
        if is_flood and waiting < self._last_size:
            self._pause(GATHER_SECONDS)

    def ended(self, size: int, clock: float) -> None:
        """A group of this many items was handed out."""
        self._last_size, self._ended_at = size, clock
