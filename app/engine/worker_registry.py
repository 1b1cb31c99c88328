"""Register workers, count their heartbeats, and free the claims of workers that are gone."""

import logging
import time
from collections import Counter
from collections.abc import Callable

from sqlalchemy import Connection, Table, delete, insert, select, update

from app.domain.common.version import VERSION
from app.engine.due_queue.statements import DueQueue
from app.engine.identity import is_known_dead, own_name
from app.models import Due, Worker

_log = logging.getLogger(__name__)
_WORKERS: Table = Worker.__table__
_DUE: Table = Due.__table__

# A worker whose heartbeat has not changed for this long is considered dead. Measured on the
# observer's monotonic clock: wall clocks of different machines cannot be compared.
SILENT_SECONDS = 15.0
# Two looks at the registry that are further apart than this had a pause of the database, of the
# machine or of this process between them, in which nobody could send a heartbeat. The others then
# get the whole time again. Longer than queue_client.IDLE_HEARTBEAT_SECONDS.
PAUSE_SECONDS = 6.0


class WorkerRegistry:
    """`register`, then `heartbeat` about every second. clock: returns monotonic seconds; now: ms
    since the epoch."""

    def __init__(self, due_queue: DueQueue) -> None:
        self._due_queue = due_queue
        self.worker_id, self._name = 0, ""
        self._seen: dict[int, tuple[int, float]] = {}
        self._looked_at = float("-inf")
        # Registered workers at the last look, this one included.
        self.workers = 1

    def register(self, connection: Connection, now: int) -> None:
        """Insert a row; its id is the name under which this worker claims from now on."""
        self._name = own_name()
        values = {"name": self._name, "started_at": now, "beat": 0, "seen_at": now}
        values["release"] = VERSION
        inserted = connection.execute(insert(_WORKERS).values(values).returning(_WORKERS.c.id))
        self.worker_id = inserted.scalar_one()

    def heartbeat(self, connection: Connection, now: int) -> Callable[[], bool]:
        """Tells whether this worker is registered; if not, its claims were freed, or its
        registration was not committed. Locks its row, so that no other worker frees the claims
        before the transaction ends."""
        return self._due_queue.heartbeat(connection, self.worker_id, self._name, now)

    def dead_workers(
        self, connection: Connection, clock: Callable[[], float] = time.monotonic
    ) -> list[int]:
        """Ids of other workers that have exited or been silent for too long. Read-only."""
        others = select(_WORKERS.c.id, _WORKERS.c.beat, _WORKERS.c.name)
        rows = connection.execute(others).all()
        # Read after the rows, which a frozen database returns only when it is back.
        now = clock()
        if now - self._looked_at > PAUSE_SECONDS:
            self._seen = {}
        self._looked_at = now
        dead, seen = [], {}
        for worker_id, beat, name in rows:
            if worker_id == self.worker_id:
                continue
            last = self._seen.get(worker_id)
            since = last[1] if last is not None and last[0] == beat else now
            seen[worker_id] = (beat, since)
            if now - since >= SILENT_SECONDS or is_known_dead(name):
                dead.append(worker_id)
        self._seen, self.workers = seen, len(seen) + 1
        return dead


def deregister(connection: Connection, due_queue: DueQueue, worker_id: int) -> int:
    """Delete the worker's row and free its claims; return how many. The attempt numbers stay:
    whether their requests were sent is unknown."""
    # Skip a locked row: either another worker is doing this right now, or the worker stopped inside
    # a transaction that the database will end soon. Neither is worth waiting for.
    row = select(_WORKERS.c.id).where(_WORKERS.c.id == worker_id)
    if connection.execute(row.with_for_update(skip_locked=True)).first() is None:
        return 0
    connection.execute(delete(_WORKERS).where(_WORKERS.c.id == worker_id))
    claimed = select(_DUE.c.id).where(_DUE.c.claimed_by == worker_id)
    ids = connection.scalars(claimed.order_by(_DUE.c.id).with_for_update()).all()
    freed = update(_DUE).where(_DUE.c.claimed_by == worker_id).values(claimed_by=None)
    counts = Counter(connection.scalars(freed.returning(_DUE.c.webhook_id)))
    subtract_in_flight(connection, due_queue, counts)
    if ids:
        _log.warning("freed %d deliveries claimed by worker %d", len(ids), worker_id)
    return len(ids)


def subtract_in_flight(connection: Connection, due_queue: DueQueue, counts: Counter[str]) -> None:
    """Lower the in-flight count of each webhook by its number."""
    if not counts:
        return
    states = due_queue.states(connection, list(counts), wait=True)
    for state in states:
        state.in_flight = max(0, state.in_flight - counts[state.webhook_id])
    due_queue.save_states(connection, states)
