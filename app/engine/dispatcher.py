"""The dispatcher: a loop that claims, sends and records, as one pipeline in one process.

When a request ends, its slot takes the next delivery, so nothing waits for the slowest receiver.
Nothing is sent before its claim is committed, nor after a pause of the process during which other
workers may have taken over its claims.
"""

import time
from collections.abc import Callable

from app.domain.addresses.guard import AddressGuard
from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.domain.webhooks.throttling import is_overload
from app.engine.announcements import Announcements
from app.engine.claims import Result
from app.engine.due_queue.backlog import Backlog
from app.engine.due_queue.claiming import Claimer
from app.engine.due_queue.connection import kept_connection
from app.engine.due_queue.postgresql import Postgresql
from app.engine.due_queue.sqlite import Sqlite
from app.engine.due_queue.statements import DueQueue
from app.engine.in_flight import InFlight
from app.engine.lookout import Lookout
from app.engine.pacing import BATCH, Pacing
from app.engine.queue_client import HEARTBEAT_SECONDS, IDLE_HEARTBEAT_SECONDS, QueueClient
from app.engine.sender import Sender
from app.engine.shards import Shards
from app.engine.tokens import Tokens
from app.engine.webhook_cache import WebhookCache
from app.runtime.configuration.settings import Settings
from app.runtime.sandbox.pool import SandboxOfProcess
from app.runtime.tracing.spans import Tracing
from app.runtime.vault import Vault
from app.runtime.write_lock import WriteLock
from app.sending.http.client import HttpClient
from app.sending.oauth import OAuthTokens

# How long the loop keeps running after the last delivery, since the next event is often near.
LINGER_SECONDS = 1.0
# How long requests in flight may take to end after a stop.
SHUTDOWN_SECONDS = 4.0


class Dispatcher:
    """One per process, used by one thread. `stop` may be called from signal handlers."""

    def __init__(
        self,
        settings: Settings,
        lock: WriteLock,
        vault: Vault,
        guard: AddressGuard,
        *,
        sandbox: SandboxOfProcess,
        oauth_tokens: OAuthTokens,
        call_for_help: Callable[[], None] = lambda: None,
        tracing: Tracing | None = None,
    ) -> None:
        """sandbox: for body expressions. oauth_tokens: for webhooks that need them. call_for_help:
        wakes up other workers when there is more than this one can take."""
        kind: type[Sqlite | Postgresql] = Sqlite if settings.is_sqlite else Postgresql
        due_queue: DueQueue = kind(is_traced=tracing is not None)
        self._in_flight = InFlight(settings.max_in_flight, settings.quotas.requests_per_host)
        limit = self._in_flight.max_transfers
        self._client = HttpClient(
            guard,
            max_in_flight=limit,
            dns_servers=settings.dns_servers,
            proxy=settings.delivery_proxy,
        )
        self.announcements = Announcements(self._client.wake, Shards(new_id()))
        self._backlog = Backlog(self.announcements.shards)
        tokens = Tokens(oauth_tokens, vault, self._client.wake)
        self._sender = Sender(self._client, sandbox, tokens, is_traced=tracing is not None)
        claimer = Claimer(due_queue, WebhookCache(vault), self._backlog, self._in_flight)
        connection = kept_connection(settings, lock)
        self._queue = QueueClient(
            connection, due_queue, claimer, self._backlog, self._in_flight, tracing=tracing
        )
        self.is_stopping = self._is_closed = False
        self._pacing = Pacing(self._backlog, self._in_flight, self.announcements)
        self._lookout = Lookout(
            self._backlog, self._queue, self._pacing, self.announcements, call_for_help
        )

    @property
    def worker_id(self) -> int:
        """The id of this worker's row in `workers`; 0 before it is registered."""
        return self._queue.worker_id

    def stop(self) -> None:
        """Make `run` return soon. The dispatcher must not be run again."""
        self.is_stopping = True
        if not self._is_closed:
            self._client.wake()

    def check(self) -> float:
        """Send a heartbeat and read the due queue; seconds until there is work, 0 for now."""
        clock = self._heartbeat()
        if self._in_flight:
            return 0.0
        self._queue.read_backlog(clock)
        wait = self._backlog.until_work(clock, now_ms())
        if wait is None or self._queue.is_paused(clock):
            return HEARTBEAT_SECONDS
        return 0.0 if wait <= 0 else max(0.01, min(HEARTBEAT_SECONDS, wait))

    def run(self, seconds: float, linger: float = LINGER_SECONDS) -> None:
        """Send due deliveries until there have been none for `linger` seconds, and for at most
        `seconds`. The next run continues what is still in flight."""
        clock = time.monotonic()
        until, worked_at = clock + seconds, clock
        # The caller was notified of work: read the list at once.
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
        """Release unsent claims, wait for requests in flight, deregister. Idempotent."""
        if self._is_closed:
            return
        self.is_stopping = self._is_closed = True
        self.announcements.close()
        deadline = time.monotonic() + SHUTDOWN_SECONDS
        self._queue.release(self._in_flight.claimed)
        self._in_flight.drop_claimed()
        while self._in_flight and (left := deadline - time.monotonic()) > 0:
            self._reap(min(left, 0.05))
            if self._in_flight.ended:
                self._exchange(time.monotonic(), may_claim=False)
        self._queue.deregister()
        self._sender.close()
        self._client.close()
        self._queue.close()

    def _turn(self) -> bool:
        """One iteration of the loop; whether it did anything."""
        clock = self._heartbeat()
        self._in_flight.park(clock)
        started = self._start()
        ended = self._reap(0.0 if self._may_start(clock) else self._pacing.poll_seconds(clock))
        clock = time.monotonic()
        may_claim = not self.is_stopping and self._in_flight.room > 0
        if may_claim:
            self._lookout.look(clock)
        claimed = 0
        can_exchange = self.worker_id != 0 and not self._queue.is_paused(clock)
        if can_exchange and self._pacing.should_exchange(clock, may_claim=may_claim):
            claimed = self._exchange(clock, may_claim=may_claim)
        if self._in_flight.room == 0 or claimed >= BATCH:
            self._lookout.call_others(clock)
        return bool(started or ended or claimed)

    def _heartbeat(self) -> float:
        """Send a heartbeat about every second, and so before anything is sent after a pause of the
        process. Returns the monotonic time."""
        clock = time.monotonic()
        self._queue.heartbeat_and_reap(
            clock, HEARTBEAT_SECONDS if self._in_flight else IDLE_HEARTBEAT_SECONDS
        )
        if self._in_flight.claimed and self._in_flight.claimed[0].worker_id != self.worker_id:
            # The lease was lost: other workers send these claims now.
            self._in_flight.drop_claimed()
        return clock

    def _may_start(self, clock: float) -> bool:
        """Whether there is a claim and a slot for it, and the lease is certainly valid."""
        if not self._in_flight.may_start or not self._queue.has_lease(clock):
            return False
        return self._in_flight.claimed[0].is_loaded or not self._queue.is_paused(clock)

    def _start(self) -> int:
        """Fill free slots with claimed deliveries; how many were started."""
        in_flight, number = self._in_flight, self._start_rendered()
        while self._may_start(clock := time.monotonic()):
            claim = in_flight.claimed[0]
            if not claim.is_loaded and not self._queue.load(
                in_flight.first_that_fit(in_flight.claimed)
            ):
                break
            in_flight.claimed.popleft()
            in_flight.start(claim, clock)
            try:
                result = self._sender.start(claim)
            except MemoryError:
                in_flight.save_memory(clock)
                if not in_flight.is_alone(claim):
                    in_flight.take_back(claim)
                    break
                result = self._sender.give_up(claim)
            number += 1
            if result is not None:
                self._end(result)
        return number

    def _start_rendered(self) -> int:
        """Send what the sandbox has rendered meanwhile; how many were started."""
        number = 0
        while (claim := self._sender.rendered) is not None:
            if not self._queue.has_lease(time.monotonic()):
                break
            number += 1
            is_valid = claim.worker_id == self.worker_id
            result = self._sender.start_rendered(is_valid=is_valid)
            if result is not None:
                self._end(result)
        return number

    def _reap(self, wait: float) -> int:
        results = self._sender.poll(wait)
        for result in results:
            self._end(result)
        return len(results)

    def _end(self, result: Result) -> None:
        for webhook_id in self._in_flight.end(result.claim):
            self._backlog.freed(webhook_id)
        overloaded = is_overload(result.verdict.cause, result.outcome.status)
        self._in_flight.note_response(result.claim.webhook_id, good=not overloaded)
        self._backlog.freed(result.claim.webhook_id)
        self._in_flight.ended.append(result)

    def _exchange(self, clock: float, *, may_claim: bool) -> int:
        """Record finished results, unless they may wait, and claim more; how many were claimed."""
        # Results from before a lost lease are void: another worker sends those deliveries.
        own = [
            result for result in self._in_flight.ended if result.claim.worker_id == self.worker_id
        ]
        self._in_flight.ended = own
        results = own if not may_claim or self._pacing.should_record(clock) else []
        claims = self._queue.exchange(results, clock, may_claim=may_claim)
        self._pacing.exchanged(clock, has_recorded=bool(results))
        if claims is None:
            if self._queue.is_at_fault:
                self._in_flight.ended = self._queue.record_singly(own)
            return 0
        if results:
            self._in_flight.ended = []
            for result in results:
                self._backlog.freed(result.claim.webhook_id)
        for claim in claims:
            self._in_flight.take(claim)
        return len(claims)
