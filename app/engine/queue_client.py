"""The worker's transactions on the due queue: heartbeat, claim, record, release.

While the database is unavailable nothing is lost: every operation is repeated later."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import select

from app.domain.common.clock import now_ms
from app.domain.common.version import VERSION
from app.engine.claims import Claim, Result
from app.engine.due_queue import damage
from app.engine.due_queue.backlog import Backlog
from app.engine.due_queue.claiming import Claimer
from app.engine.due_queue.statements import DueQueue, Fenced, State
from app.engine.in_flight import InFlight
from app.engine.loading import Loader
from app.engine.recording.observing import observe
from app.engine.recording.recorder import Recorder
from app.engine.worker_registry import WorkerRegistry, deregister, subtract_in_flight
from app.models import Due
from app.runtime.metrics import deliveries as delivery_metrics
from app.runtime.tracing.spans import Tracing
from app.store.direct import is_unavailable
from app.store.kept import KeptConnection

_log = logging.getLogger(__name__)

# Between heartbeats. An idle worker's interval still fits several times into
# worker_registry.SILENT_SECONDS.
HEARTBEAT_SECONDS, IDLE_HEARTBEAT_SECONDS = 1.0, 3.0
# Nothing is sent after the last heartbeat is older than this: well below
# worker_registry.SILENT_SECONDS.
LEASE_SECONDS = 10.0
# After an error of the database, the pause before it is used again.
PAUSE_SECONDS = 0.25
# A server that was frozen may still commit what it was sent before the worker gave up on it.
UNSURE_SECONDS = 60.0


class LeaseLost(Exception):
    """Other workers considered this one dead and freed its claims."""


class QueueClient:
    """The worker's transactions with the due queue. clock: monotonic seconds."""

    def __init__(
        self,
        connection: KeptConnection,
        due_queue: DueQueue,
        claimer: Claimer,
        backlog: Backlog,
        in_flight: InFlight,
        *,
        tracing: Tracing | None = None,
    ) -> None:
        self._connection, self._due_queue, self._claimer = connection, due_queue, claimer
        self._backlog, self._in_flight = backlog, in_flight
        self._recorder, self._tracing = Recorder(due_queue), tracing
        self._loader = Loader(due_queue, is_traced=tracing is not None)
        self._registry = WorkerRegistry(due_queue)
        self._heartbeat_at = self._reaped_at = self._paused_until = float("-inf")
        # Whether a transaction failed so that it is unknown whether it was committed.
        self._is_unsure = False
        self._unsure_until = float("-inf")
        # Whether the last failure had another cause than an unavailable database.
        self.is_at_fault = False

    @property
    def worker_id(self) -> int:
        return self._registry.worker_id

    def is_paused(self, clock: float) -> bool:
        return clock < self._paused_until

    def has_lease(self, clock: float) -> bool:
        """Whether this worker's claims certainly still belong to it."""
        return self.worker_id != 0 and clock - self._heartbeat_at < LEASE_SECONDS

    def heartbeat_and_reap(self, clock: float, every: float) -> None:
        """Every `every` seconds: send a heartbeat and free the claims of dead workers.

        Runs at once after a transaction whose outcome is unknown, and then also frees claims that
        it may have committed without this worker knowing.
        """
        # Claiming and recording are heartbeats too, but do not look for dead workers.
        is_time = clock - min(self._heartbeat_at, self._reaped_at) >= every
        if self.is_paused(clock) or not (is_time or self._is_unsure):
            return

        def transaction() -> None:
            with self._connection.write_transaction() as connection:
                if self._registry.worker_id == 0:
                    self._registry.register(connection, now_ms())
                elif not self._registry.heartbeat(connection, now_ms())():
                    raise LeaseLost
                for worker_id in self._registry.dead_workers(connection):
                    deregister(connection, self._due_queue, worker_id)

        is_new = self.worker_id == 0
        if self._run(transaction):
            if is_new:
                _log.info("worker %d joined (release %s)", self.worker_id, VERSION)
            self._heartbeat_at = self._reaped_at = clock
            self._in_flight.hosts.workers = self._registry.workers
            if self._is_unsure or clock < self._unsure_until:
                self._is_unsure = not self._run(self._release_unknown_claims)

    def read_backlog(self, clock: float) -> None:
        def transaction() -> None:
            with self._connection.reading() as connection:
                rows = self._due_queue.ready(connection)
            self._backlog.learn(rows, clock)

        if not self.is_paused(clock):
            self._run(transaction)

    def exchange(
        self, results: Sequence[Result], clock: float, *, may_claim: bool
    ) -> list[Claim] | None:
        """Record results and claim more, in one transaction. Returns None if the transaction
        failed; the caller passes the same results again."""
        claims: list[Claim] = []

        def transaction() -> None:
            now = now_ms()
            with self._connection.write_transaction() as connection:
                is_registered = self._registry.heartbeat(connection, now)
                states: dict[str, State] = {}
                if results:
                    self._recorder.record(connection, results, states, now)
                if may_claim:
                    claims.extend(
                        self._claimer.claim(connection, self.worker_id, states, clock, now)
                    )
                if states:
                    self._due_queue.save_states(connection, list(states.values()))
                if not is_registered():
                    raise LeaseLost
                self._loader.load(
                    connection, self._in_flight.first_that_fit(claims, self._in_flight.claimed)
                )

        began = time.monotonic()
        if not self._run(transaction):
            return None
        self._heartbeat_at = clock
        observe(results, self._tracing)
        delivery_metrics.count_exchange(len(claims), time.monotonic() - began)
        delivery_metrics.set_in_flight(self._in_flight.sending)
        return claims

    def record_singly(self, results: Sequence[Result]) -> list[Result]:
        """Record one by one after an error, so that a result that the database refuses does not
        block the others. Returns those that failed even without their details."""
        return [
            result
            for result in results
            if not (self._recorded(result) or self._recorded(result.without_details()))
        ]

    def _recorded(self, result: Result) -> bool:
        return self.exchange([result], time.monotonic(), may_claim=False) is not None

    def load(self, claims: Sequence[Claim]) -> bool:
        def transaction() -> None:
            with self._connection.reading() as connection:
                self._loader.load(connection, claims)

        return self._run(transaction)

    def release(self, claims: Iterable[Claim]) -> None:
        """Release claims that were not sent."""
        webhook_ids = {(c.due_id, c.worker_id, c.attempt): c.webhook_id for c in claims}
        if webhook_ids:
            self._run(lambda: self._release(webhook_ids))

    def deregister(self) -> None:
        def transaction() -> None:
            with self._connection.write_transaction() as connection:
                deregister(connection, self._due_queue, self.worker_id)

        if self._run(transaction):
            _log.info("worker %d left", self.worker_id)

    def close(self) -> None:
        self._connection.close()

    def _release(self, claims: Mapping[Fenced, str]) -> None:
        """claims: fence to webhook id."""
        with self._connection.write_transaction() as connection:
            if self._registry.heartbeat(connection, now_ms())():
                # Rows that were cancelled meanwhile are not among them.
                freed = self._due_queue.release(connection, sorted(claims))
                numbers = Counter(claims[fence] for fence in claims if fence[0] in freed)
                subtract_in_flight(connection, self._due_queue, numbers)

    def _release_unknown_claims(self) -> None:
        """Release rows that this worker has claimed in the database but not in memory."""
        claimed = select(Due.id, Due.claimed_by, Due.attempt, Due.webhook_id).where(
            Due.claimed_by == self.worker_id
        )
        with self._connection.reading() as connection:
            rows = connection.execute(claimed).all()
        known_ids = self._in_flight.due_ids()
        unknown = [row for row in rows if row[0] not in known_ids]
        if unknown:
            self._release({(row[0], row[1] or 0, row[2]): row[3] for row in unknown})

    def _set_aside_damage(self) -> bool:
        """Whether an error of the due queue is explained by rows that cannot be read."""
        try:
            with self._connection.write_transaction() as connection:
                return damage.set_aside(connection, now_ms()) > 0
        except Exception:  # noqa: BLE001 -- the caller handles the first error
            _log.exception("inspecting the due queue failed")
            return False

    def _run(self, transaction: Callable[[], None]) -> bool:
        self.is_at_fault = False
        try:
            transaction()
        except LeaseLost:
            _log.warning("worker %d lost its lease; re-registering", self.worker_id)
            self._registry.worker_id = 0
            self._heartbeat_at = float("-inf")
        except MemoryError:
            _log.warning("not enough memory; continuing with fewer deliveries at a time")
            clock, self._is_unsure, self.is_at_fault = time.monotonic(), True, True
            self._in_flight.save_memory(clock)
            self._paused_until, self._unsure_until = clock + PAUSE_SECONDS, clock + UNSURE_SECONDS
        except Exception as error:  # noqa: BLE001 -- the loop must survive any error
            self.is_at_fault = not is_unavailable(error)
            if self.is_at_fault:
                if not self._set_aside_damage():
                    _log.exception("database error; retrying")
            elif not self._is_unsure:
                # Logged once until the database is back.
                reason = str(error).partition("\n")[0]
                _log.warning("database unavailable (%s); retrying", reason)
            clock, self._is_unsure = time.monotonic(), True
            self._paused_until, self._unsure_until = clock + PAUSE_SECONDS, clock + UNSURE_SECONDS
        else:
            return True
        return False
