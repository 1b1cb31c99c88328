"""Which workers are considered dead."""

import pytest

from app.engine.due_queue.sqlite import Sqlite
from app.engine.worker_registry import SILENT_SECONDS, WorkerRegistry
from app.models.common.base import db
from app.store.transaction import write_transaction

EVERY = 3.0


class _Observer:
    """Looks at the registry every three seconds of a clock of its own."""

    def __init__(self) -> None:
        self.clock = 1000.0
        self._registry, other = WorkerRegistry(Sqlite()), WorkerRegistry(Sqlite())
        with write_transaction() as session:
            for registry in (self._registry, other):
                registry.register(session.connection(), 0)
        self.other_id = other.worker_id

    def looks(self, seconds: float) -> list[int]:
        """The workers it considers dead at the end of this time."""
        dead: list[int] = []
        for _ in range(int(seconds / EVERY)):
            self.clock += EVERY
            dead = self._registry.dead_workers(db.session.connection(), lambda: self.clock)
        return dead


@pytest.fixture
def observer(sqlite_app: object) -> _Observer:
    return _Observer()


def test_a_silent_worker_is_considered_dead(observer: _Observer) -> None:
    assert observer.looks(SILENT_SECONDS) == []
    assert observer.looks(EVERY) == [observer.other_id]


def test_silence_does_not_count_while_nobody_could_send_a_heartbeat(observer: _Observer) -> None:
    observer.looks(SILENT_SECONDS - EVERY)
    # The database was frozen, or the machine was suspended.
    observer.clock += 60
    assert observer.looks(SILENT_SECONDS) == []
    assert observer.looks(EVERY) == [observer.other_id]
