"""When the dispatcher reads and writes the due queue, and how long it waits for responses."""

from app.domain.common.clock import now_ms
from app.domain.deliveries.states import SUCCEEDED
from app.engine.announcements import Announcements
from app.engine.claims import Result
from app.engine.due_queue.backlog import Backlog
from app.engine.in_flight import InFlight

# Results are recorded together: this many, or those of this time.
BATCH = 128
RECORD_SECONDS = 0.005
# At low rates results wait for others, this long or until there are this many. A claim does not
# wait for their record, and others that are in flight delay it by no more than this.
HOLD_SECONDS, HOLD_RESULTS = 0.04, 16
CLAIM_SECONDS = 0.002
# How long the loop waits for responses while there is something to record or to claim.
BUSY_SECONDS = 0.002
# Results of webhooks with a lower concurrency limit are not held: their next delivery would wait.
_HOLD_LIMIT = 2 * HOLD_RESULTS


class Pacing:
    """When the dispatcher next uses the due queue. clock: monotonic seconds."""

    def __init__(self, backlog: Backlog, in_flight: InFlight, announcements: Announcements) -> None:
        self._backlog, self._in_flight, self._announcements = backlog, in_flight, announcements
        self._exchanged_at = float("-inf")
        # When the first of the results that wait was seen.
        self._held_since: float | None = None

    def exchanged(self, clock: float, *, has_recorded: bool) -> None:
        """The due queue was used for claiming, and for recording too."""
        self._exchanged_at = clock
        if has_recorded:
            self._held_since = None

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
        should_record = self.should_record(clock)
        if not should_record and not has_more:
            return False
        passed = clock - self._exchanged_at
        if self._in_flight.claimed or (should_record and self._in_flight.is_sending):
            return passed >= RECORD_SECONDS
        return not self._in_flight.is_sending or passed >= CLAIM_SECONDS

    def poll_seconds(self, clock: float) -> float:
        """How long to wait for a transfer to end when none can be started."""
        now = now_ms()
        if self._announcements.is_waiting or self._backlog.has_work(clock, now):
            return BUSY_SECONDS
        waits = [self._announcements.read_seconds]
        if self.should_record(clock):
            return BUSY_SECONDS
        if self._held_since is not None:
            waits.append(max(0.0, self._held_since + HOLD_SECONDS - clock))
        wait = self._backlog.until_work(clock, now)
        if wait is not None:
            waits.append(max(0.0, wait))
        return min(waits)

    def should_record(self, clock: float) -> bool:
        """Whether the results that wait are to be recorded now."""
        ended = self._in_flight.ended
        if not ended:
            self._held_since = None
            return False
        if self._held_since is None:
            self._held_since = clock
        if len(ended) >= HOLD_RESULTS or clock - self._held_since >= HOLD_SECONDS:
            return True
        now = now_ms()
        return not all(self._may_wait(result, now) for result in ended)

    def _may_wait(self, result: Result, now: int) -> bool:
        """Whether nothing depends on the record of this result: no retry, no notice, no delivery
        that waits for its turn or for room."""
        claim = result.claim
        return (
            result.verdict.state == SUCCEEDED
            and claim.ordering_key is None
            and claim.webhook.facts.max_in_flight >= _HOLD_LIMIT
            and not self._backlog.has_due(claim.webhook_id, now)
        )
