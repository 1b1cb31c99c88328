"""Who drains: each worker's row, its beat, and what becomes of the claims of one that is gone."""

import logging
from collections import Counter

from sqlalchemy import Connection, Table, delete, insert, select, update

from app.engine.due_queue.statements import DueQueue
from app.engine.identity import is_known_dead, own_name
from app.models import Due, Worker

_log = logging.getLogger(__name__)
_WORKERS: Table = Worker.__table__
_DUE: Table = Due.__table__

# A worker whose beat stood still for so long, on the watcher's own clock, is taken for dead.
SILENT_SECONDS = 15.0


class WorkerRegistry:
    """`enter`, then `beat` every second or so. clock readings: monotonic seconds; now: ms."""

    def __init__(self) -> None:
        self.worker_id = 0
        self._seen: dict[int, tuple[int, float]] = {}

    def enter(self, connection: Connection, now: int) -> None:
        """A new row, and so a new name for what is claimed from now on."""
        values = {"name": own_name(), "started_at": now, "beat": 0, "seen_at": now}
        made = connection.execute(insert(_WORKERS).values(values).returning(_WORKERS.c.id))
        self.worker_id = made.scalar_one()

    def beat(self, connection: Connection, now: int) -> bool:
        """Whether this worker still stands on the roll; if not, its claims are others' now. Holds
        its row, so that nobody takes the claims away until the transaction ends."""
        mine = update(_WORKERS).where(_WORKERS.c.id == self.worker_id)
        beaten = connection.execute(mine.values(beat=_WORKERS.c.beat + 1, seen_at=now))
        return beaten.rowcount == 1

    def gone(self, connection: Connection, clock: float) -> list[int]:
        """Other workers that are dead, or silent for too long. Only reads."""
        others = select(_WORKERS.c.id, _WORKERS.c.beat, _WORKERS.c.name)
        dead, seen = [], {}
        for worker_id, beat, name in connection.execute(others):
            if worker_id == self.worker_id:
                continue
            last = self._seen.get(worker_id)
            since = last[1] if last is not None and last[0] == beat else clock
            seen[worker_id] = (beat, since)
            if clock - since >= SILENT_SECONDS or is_known_dead(name):
                dead.append(worker_id)
        self._seen = seen
        return dead


def deregister(connection: Connection, due_queue: DueQueue, worker_id: int) -> int:
    """Take a worker off the roll and free what it had claimed; how many that were. The attempts
    keep their numbers: whether a request went out is not known."""
    # Not one that is locked: somebody else does it just now, or it stopped within a transaction,
    # which the database ends before long; nobody waits for that.
    row = select(_WORKERS.c.id).where(_WORKERS.c.id == worker_id)
    if connection.execute(row.with_for_update(skip_locked=True)).first() is None:
        return 0
    connection.execute(delete(_WORKERS).where(_WORKERS.c.id == worker_id))
    mine = select(_DUE.c.id).where(_DUE.c.claimed_by == worker_id)
    ids = connection.scalars(mine.order_by(_DUE.c.id).with_for_update()).all()
    freed = update(_DUE).where(_DUE.c.claimed_by == worker_id).values(claimed_by=None)
    counts = Counter(connection.scalars(freed.returning(_DUE.c.webhook_id)))
    give_back(connection, due_queue, counts)
    if ids:
        _log.warning("freed %d deliveries that worker %d had claimed", len(ids), worker_id)
    return len(ids)


def give_back(connection: Connection, due_queue: DueQueue, counts: Counter[str]) -> None:
    """So many of these webhooks' deliveries are not in flight any more."""
    if not counts:
        return
    states = due_queue.states(connection, list(counts), wait=True)
    for state in states:
        state.in_flight = max(0, state.in_flight - counts[state.webhook_id])
    due_queue.save_states(connection, states)
