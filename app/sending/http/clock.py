"""A clock for deadlines that stops while its event loop is stopped."""

import time

# A longer delay means that the process was suspended or starved, not that a receiver was slow.
STALL_SECONDS = 0.25


class LoopClock:
    """Seconds. seen: the monotonic time of the last reading."""

    def __init__(self) -> None:
        self.seen = time.monotonic()
        self._lost = 0.0

    @property
    def now(self) -> float:
        """This clock's time as of `seen`."""
        return self.seen - self._lost

    def tick(self) -> float:
        """Read the clock after work that takes no noticeable time; returns `now`."""
        return self.waited(0.0)

    def waited(self, seconds: float) -> float:
        """Read the clock after a wait of at most `seconds`; returns `now`."""
        before, self.seen = self.seen, time.monotonic()
        late = self.seen - before - seconds
        if late > STALL_SECONDS:
            self._lost += late
        return self.now
