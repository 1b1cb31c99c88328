"""The worker's dealings with the ledger: its roll, its claims, its records, each a transaction.

When the ledger is away nothing is lost: whatever was to be done is done another time."""

import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

from app.domain.common.clock import now_ms
from app.engine.claims import Claim, Result
from app.engine.due_queue.backlog import Backlog
from app.engine.due_queue.claiming import Claimer
from app.engine.due_queue.connection import Store
from app.engine.due_queue.statements import DueQueue, Fenced, State
from app.engine.in_flight import InFlight
from app.engine.loading import Loader
from app.engine.recording import Recorder
from app.engine.worker_registry import WorkerRegistry, deregister, give_back
from app.models import Due

_log = logging.getLogger(__name__)

# Between beats; of a worker that has nothing in hand, a few of these fit into the patience of
# those who watch (roll.SILENT_SECONDS).
BEAT_SECONDS, IDLE_BEAT_SECONDS = 1.0, 3.0
# Nothing is sent on the word of a beat that is older: well below roll.SILENT_SECONDS.
SURE_SECONDS = 10.0
# The ledger is away: so long until it is asked again.
REST_SECONDS = 0.25


_AWAY = (OperationalError, InterfaceError, InternalError, sqlite3.OperationalError)


class Lost(Exception):
    """This worker was taken for dead: what it had claimed is not its own any more."""


class QueueClient:
    """clock: monotonic seconds."""

    def __init__(
        self, store: Store, due_queue: DueQueue, claimer: Claimer, backlog: Backlog, load: InFlight
    ) -> None:
        self._store, self._due_queue, self._claimer = store, due_queue, claimer
        self._backlog, self._in_flight = backlog, load
        self._recorder, self._loader, self._registry = (
            Recorder(due_queue),
            Loader(),
            WorkerRegistry(),
        )
        self._beaten_at = self._watched_at = self._rest_until = float("-inf")
        # Whether a transaction broke off, so that it is not known if it was committed.
        self._is_unsure = False
        # Whether the last failure was none of the ledger's being away.
        self.is_at_fault = False

    @property
    def worker_id(self) -> int:
        return self._registry.worker_id

    def is_away(self, clock: float) -> bool:
        return clock < self._rest_until

    def is_sure(self, clock: float) -> bool:
        """Whether what this worker has claimed is still its own."""
        return self.worker_id != 0 and clock - self._beaten_at < SURE_SECONDS

    def heartbeat_and_reap(self, clock: float, every: float) -> None:
        """Beat, if the last one is `every` seconds old; look who else is gone, and free what they
        had claimed. At once after a transaction that broke off, whose claims may stand: they are
        freed, too."""
        # Claims and records are beats, too, but do not look at the others.
        is_time = clock - min(self._beaten_at, self._watched_at) >= every
        if self.is_away(clock) or not (is_time or self._is_unsure):
            return

        def work() -> None:
            with self._store.writing() as connection:
                if self._registry.worker_id == 0:
                    self._registry.enter(connection, now_ms())
                elif not self._registry.beat(connection, now_ms()):
                    raise Lost
                for worker_id in self._registry.gone(connection, clock):
                    deregister(connection, self._due_queue, worker_id)

        if self._done(work):
            self._beaten_at = self._watched_at = clock
            if self._is_unsure:
                self._is_unsure = not self._done(self._make_sure)

    def read_backlog(self, clock: float) -> None:
        def work() -> None:
            with self._store.reading() as connection:
                rows = self._due_queue.ready(connection)
            self._backlog.learn(rows, clock)

        if not self.is_away(clock):
            self._done(work)

    def exchange(
        self, results: Sequence[Result], clock: float, *, may_claim: bool
    ) -> list[Claim] | None:
        """Record what ended and claim what comes next, in one transaction. None: it was not done,
        and the results are to be brought again."""
        claims: list[Claim] = []

        def work() -> None:
            now = now_ms()
            with self._store.writing() as connection:
                if not self._registry.beat(connection, now):
                    raise Lost
                states: dict[str, State] = {}
                if results:
                    self._recorder.record(connection, results, states, now)
                if may_claim:
                    claims.extend(
                        self._claimer.claim(connection, self.worker_id, states, clock, now)
                    )
                    fit = self._in_flight.first_that_fit(claims, self._in_flight.claimed)
                    self._loader.load(connection, fit)
                if states:
                    self._due_queue.save_states(connection, list(states.values()))

        if not self._done(work):
            return None
        self._beaten_at = clock
        return claims

    def record_singly(self, results: Sequence[Result]) -> list[Result]:
        """After a fault, so that one result that the ledger refuses does not keep the others out:
        those that could not be recorded even without their particulars."""
        return [
            one
            for one in results
            if not (self._recorded(one) or self._recorded(one.without_particulars()))
        ]

    def _recorded(self, result: Result) -> bool:
        return self.exchange([result], time.monotonic(), may_claim=False) is not None

    def load(self, claims: Sequence[Claim]) -> bool:
        def work() -> None:
            with self._store.reading() as connection:
                self._loader.load(connection, claims)

        return self._done(work)

    def give_back(self, claims: Iterable[Claim]) -> None:
        """They were not sent, and are free again."""
        given = {(one.due_id, one.worker_id, one.attempt): one.webhook_id for one in claims}
        if given:
            self._done(lambda: self._free(given))

    def leave(self) -> None:
        def work() -> None:
            with self._store.writing() as connection:
                deregister(connection, self._due_queue, self.worker_id)

        self._done(work)

    def close(self) -> None:
        self._store.close()

    def _free(self, claims: Mapping[Fenced, str]) -> None:
        """claims: the webhook of each."""
        with self._store.writing() as connection:
            if self._registry.beat(connection, now_ms()):
                # Not those that were cancelled meanwhile.
                freed = self._due_queue.release(connection, sorted(claims))
                numbers = Counter(claims[fence] for fence in claims if fence[0] in freed)
                give_back(connection, self._due_queue, numbers)

    def _make_sure(self) -> None:
        """Free what this worker claimed without knowing it."""
        mine = select(Due.id, Due.claimed_by, Due.attempt, Due.webhook_id).where(
            Due.claimed_by == self.worker_id
        )
        with self._store.reading() as connection:
            rows = connection.execute(mine).all()
        in_hand = self._in_flight.due_ids()
        strange = [row for row in rows if row[0] not in in_hand]
        if strange:
            self._free({(row[0], row[1] or 0, row[2]): row[3] for row in strange})

    def _done(self, work: Callable[[], None]) -> bool:
        self.is_at_fault = False
        try:
            work()
        except Lost:
            _log.warning("worker %d was taken for dead: it begins anew", self.worker_id)
            self._registry.worker_id = 0
            self._beaten_at = float("-inf")
        except Exception as error:  # noqa: BLE001 -- whatever it was, the loop goes on
            self.is_at_fault = not isinstance(error, _AWAY)
            if self.is_at_fault:
                _log.exception("the ledger refused; it is tried again")
            elif not self._is_unsure:
                # Once, until it is there again.
                said = str(error).partition("\n")[0]
                _log.warning("the ledger is away or busy (%s); it is tried again", said)
            self._is_unsure = True
            self._rest_until = time.monotonic() + REST_SECONDS
        else:
            return True
        return False
