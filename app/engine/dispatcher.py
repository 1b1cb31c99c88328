"""The loop that sends: claim, start, poll, record, as one pipeline in one process.

As soon as one call ends its slot takes the next delivery, so that nobody waits for the slowest.
Nothing is sent that was not claimed in a transaction that is committed, nor after a pause of the
process in which its claims may have been given to somebody else.
"""

import time
from collections.abc import Callable

from app.domain.common.clock import now_ms
from app.domain.webhooks.throttling import is_overload
from app.engine.claims import Result
from app.engine.due_queue.backlog import SHORTEST_SECONDS, Backlog
from app.engine.due_queue.claiming import Claimer
from app.engine.due_queue.connection import Store
from app.engine.due_queue.postgresql import Postgresql
from app.engine.due_queue.sqlite import Sqlite
from app.engine.due_queue.statements import DueQueue
from app.engine.in_flight import InFlight
from app.engine.queue_client import BEAT_SECONDS, IDLE_BEAT_SECONDS, QueueClient
from app.engine.sender import Sender
from app.engine.webhook_cache import WebhookCache
from app.runtime.settings import Settings
from app.runtime.vault import Vault
from app.sending.addresses.guard import Guard
from app.sending.http.client import HttpClient
from app.store.connections import WriteLock

# Recorded together: as many, or what has ended within so long.
BATCH = 128
RECORD_SECONDS = 0.005
# After the last work the loop stays a while, since the next event is often not far.
LINGER_SECONDS = 1.0
# How long a loop that only waits for answers may be blind to new work.
WATCH_SECONDS = 0.025
# What is in flight at a stop may take so long to end.
FAREWELL_SECONDS = 4.0


class Dispatcher:
    """One a process, for one thread; `stop` is for signal handlers, too."""

    def __init__(
        self,
        settings: Settings,
        lock: WriteLock,
        vault: Vault,
        guard: Guard,
        notify: Callable[[], None] = lambda: None,
    ) -> None:
        """ring: has other workers come, when there is more than this one can take."""
        due_queue: DueQueue = Sqlite() if settings.is_sqlite else Postgresql()
        self._backlog, self._in_flight = Backlog(), InFlight(settings.max_in_flight)
        most = self._in_flight.most_on_the_wire
        self._client = HttpClient(guard, max_in_flight=most, dns_servers=settings.dns_servers)
        self._sender = Sender(self._client)
        claimer = Claimer(due_queue, WebhookCache(vault), self._backlog, self._in_flight)
        self._queue = QueueClient(
            Store(settings, lock), due_queue, claimer, self._backlog, self._in_flight
        )
        self._ring = notify
        self.is_stopping = self._is_closed = False
        self._exchanged_at = self._rung_at = float("-inf")

    @property
    def worker_id(self) -> int:
        """The row of `workers` under which this one claims."""
        return self._queue.worker_id

    def stop(self) -> None:
        """Have `run` come back soon; it is not run again."""
        self.is_stopping = True
        if not self._is_closed:
            self._client.wake()

    def look(self) -> float:
        """Seconds until there is something to do, as far as the ledger tells; 0: now. Also says
        that this worker lives."""
        clock = self._checked_in()
        if self._in_flight:
            return 0.0
        self._queue.read_backlog(clock)
        wait = self._backlog.until_work(clock, now_ms())
        if wait is None or self._queue.is_away(clock):
            return BEAT_SECONDS
        return 0.0 if wait <= 0 else max(0.01, min(BEAT_SECONDS, wait))

    def run(self, seconds: float, linger: float = LINGER_SECONDS) -> None:
        """Send what is due until there has been nothing more for `linger`, and for `seconds` at
        most. What is in flight then is carried on by the next run."""
        clock = time.monotonic()
        until, worked_at = clock + seconds, clock
        # Whoever made this run knew of work: the list is read at once.
        self._queue.read_backlog(clock)
        if not self._backlog.has_work(clock, now_ms()):
            worked_at -= linger
        while not self.is_stopping and clock < until:
            if self._turn():
                worked_at = clock
            clock = time.monotonic()
            if not self._in_flight and clock - worked_at > linger:
                return

    def close(self) -> None:
        """Give back what was not sent, let what is in flight end for a while, and leave. A second
        time does nothing."""
        if self._is_closed:
            return
        self.is_stopping = self._is_closed = True
        deadline = time.monotonic() + FAREWELL_SECONDS
        self._queue.give_back(self._in_flight.claimed)
        self._in_flight.drop_claimed()
        while self._in_flight and (left := deadline - time.monotonic()) > 0:
            self._reap(min(left, 0.05))
            if self._in_flight.ended:
                self._exchange(time.monotonic(), may_claim=False)
        self._queue.leave()
        self._client.close()
        self._queue.close()

    def _turn(self) -> bool:
        """Once around; whether anything was done."""
        clock = self._checked_in()
        self._in_flight.park(clock)
        started = self._start()
        ended = self._reap(self._patience(clock))
        clock = time.monotonic()
        may_claim = not self.is_stopping and self._in_flight.room > 0
        if may_claim and self._backlog.is_stale(clock, now_ms(), idle=not self._in_flight.claimed):
            self._queue.read_backlog(clock)
        claimed = 0
        if self._is_time(clock, may_claim=may_claim):
            claimed = self._exchange(clock, may_claim=may_claim)
        if self._in_flight.room == 0:
            self._call_for_help(clock)
        return bool(started or ended or claimed)

    def _checked_in(self) -> float:
        """The time; beats each second, and so before anything is sent after a pause."""
        clock = time.monotonic()
        self._queue.heartbeat_and_reap(
            clock, BEAT_SECONDS if self._in_flight else IDLE_BEAT_SECONDS
        )
        if self._in_flight.claimed and self._in_flight.claimed[0].worker_id != self.worker_id:
            # It was taken for dead: what it had not sent yet others send now.
            self._in_flight.drop_claimed()
        return clock

    def _is_time(self, clock: float, *, may_claim: bool) -> bool:
        """Whether to go to the ledger: with enough to record, or with nothing else to do."""
        if self._queue.is_away(clock) or self.worker_id == 0:
            return False
        ended = self._in_flight.ended
        if len(ended) >= BATCH:
            return True
        has_more = may_claim and self._backlog.has_work(clock, now_ms())
        if not ended and not has_more:
            return False
        if not self._in_flight.claimed and not (ended and self._in_flight.is_going):
            return True
        return clock - self._exchanged_at >= RECORD_SECONDS

    def _patience(self, clock: float) -> float:
        """How long the wire may be waited for while nothing ends."""
        if self._may_start(clock):
            return 0.0
        if self._in_flight.ended or self._backlog.has_work(clock, now_ms()):
            return SHORTEST_SECONDS / 2
        return WATCH_SECONDS if self._in_flight else SHORTEST_SECONDS

    def _may_start(self, clock: float) -> bool:
        """Whether there is a claim and a slot for it, and the claim surely is this worker's."""
        if not self._in_flight.may_start or not self._queue.is_sure(clock):
            return False
        return self._in_flight.claimed[0].is_loaded or not self._queue.is_away(clock)

    def _start(self) -> int:
        """Fill free slots with what was claimed."""
        load, number = self._in_flight, 0
        while self._may_start(clock := time.monotonic()):
            claim = load.claimed[0]
            if not claim.is_loaded and not self._queue.load(load.first_that_fit(load.claimed)):
                break
            load.claimed.popleft()
            load.start(claim, clock)
            number += 1
            result = self._sender.start(claim)
            if result is not None:
                self._ended(result)
        return number

    def _reap(self, wait: float) -> int:
        results = self._sender.poll(wait)
        for result in results:
            self._ended(result)
        return len(results)

    def _ended(self, result: Result) -> None:
        self._in_flight.end(result.claim)
        overloaded = is_overload(result.verdict.cause, result.outcome.status)
        self._in_flight.proved(result.claim.webhook_id, good=not overloaded)
        self._backlog.freed(result.claim.webhook_id)
        self._in_flight.ended.append(result)

    def _exchange(self, clock: float, *, may_claim: bool) -> int:
        """How many were claimed."""
        # What was in flight when this worker was taken for dead is somebody else's to record.
        mine = [
            result for result in self._in_flight.ended if result.claim.worker_id == self.worker_id
        ]
        self._in_flight.ended = mine
        claims = self._queue.exchange(mine, clock, may_claim=may_claim)
        self._exchanged_at = clock
        if claims is None:
            if self._queue.is_at_fault:
                self._in_flight.ended = self._queue.record_singly(mine)
            return 0
        self._in_flight.ended = []
        for claim in claims:
            self._in_flight.take(claim)
        return len(claims)

    def _call_for_help(self, clock: float) -> None:
        if clock - self._rung_at >= BEAT_SECONDS and self._backlog.has_work(clock, now_ms()):
            self._rung_at = clock
            self._ring()
