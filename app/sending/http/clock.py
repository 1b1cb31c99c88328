"""A clock for deadlines that stands still while the loop that keeps them does."""

import time

# Beyond this the loop was stopped, or kept from running: nobody's receiver was slow.
STALL_SECONDS = 0.25


class LoopClock:
    """Seconds. seen: monotonic time when it was last looked at."""

    def __init__(self) -> None:
        self.seen = time.monotonic()
        self._lost = 0.0

    @property
    def now(self) -> float:
        """The clock's own time, as of `seen`."""
        return self.seen - self._lost

    def tick(self) -> float:
        """Look again, after work that takes no time to speak of; `now`."""
        return self.waited(0.0)

    def waited(self, seconds: float) -> float:
        """Look again, after a wait of at most `seconds`; `now`."""
        before, self.seen = self.seen, time.monotonic()
        late = self.seen - before - seconds
        if late > STALL_SECONDS:
            self._lost += late
        return self.now
