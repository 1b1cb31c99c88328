"""When the dispatcher reads and writes the due queue, and how long it waits for responses."""

from app.domain.common.clock import now_ms
from app.engine.announcements import Announcements
from app.engine.due_queue.backlog import Backlog
from app.engine.in_flight import InFlight

# Results are recorded together: this many, or those of this time.
BATCH = 128
RECORD_SECONDS = 0.005
# How long the loop waits for responses while there is something to record or to claim.
BUSY_SECONDS = 0.0025


class Pacing:
    """When the dispatcher next uses the due queue. clock: monotonic seconds."""

    def __init__(self, backlog: Backlog, in_flight: InFlight, announcements: Announcements) -> None:
        self._backlog, self._in_flight, self._announcements = backlog, in_flight, announcements
        self.exchanged_at = float("-inf")

    def should_read(self, clock: float) -> bool:
        """Whether to look for due deliveries now."""
        is_idle = not self._in_flight.claimed
        every = self._announcements.read_seconds
        return self._backlog.is_stale(clock, now_ms(), idle=is_idle, every=every)

    def should_exchange(self, clock: float, *, may_claim: bool) -> bool:
        """Whether to use the database now: with enough to record, or with nothing else to do."""
        ended = self._in_flight.ended
        if len(ended) >= BATCH:
            return True
        has_more = may_claim and self._backlog.has_work(clock, now_ms())
        if not ended and not has_more:
            return False
        if not self._in_flight.claimed and not (ended and self._in_flight.is_sending):
            return True
        return clock - self.exchanged_at >= RECORD_SECONDS

    def poll_seconds(self, clock: float) -> float:
        """How long to wait for a transfer to end when none can be started."""
        now = now_ms()
        is_busy = self._in_flight.ended or self._announcements.is_pending
        if is_busy or self._backlog.has_work(clock, now):
            return BUSY_SECONDS
        wait = self._backlog.until_work(clock, now)
        every = self._announcements.read_seconds
        return every if wait is None else max(0.0, min(every, wait))
