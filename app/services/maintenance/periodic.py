"""What is done now and then, by one worker at a time, between deliveries."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.common.clock import now_ms
from app.models import TaskSchedule
from app.models.base import db
from app.queries import maintenance as maintenance_queries
from app.runtime.context import runtime
from app.store.transaction import write_transaction

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    """work: takes a deadline on `time.monotonic` and stops near it, in the middle of a backlog if
    need be; True: there is more to do at once. every_seconds: the pause otherwise."""

    name: str
    every_seconds: float
    work: Callable[[float], bool]


def do_due(chores: Sequence[PeriodicTask], seconds: float) -> None:
    """Those whose time has come, for about `seconds` in all. One that fails is logged, and its
    turn comes again after its pause."""
    deadline = time.monotonic() + seconds
    for chore in chores:
        if time.monotonic() >= deadline:
            return
        if runtime().caches.periodic_due.get(chore.name, 0) <= now_ms() and _taken(chore, now_ms()):
            _do(chore, deadline)


def _do(chore: PeriodicTask, deadline: float) -> None:
    try:
        if chore.work(deadline):
            _set_next(chore, now_ms())
    except Exception:  # noqa: BLE001 -- one chore that fails must not keep the others from their turn
        _log.exception("the chore %s failed", chore.name)
    finally:
        db.session.remove()


def _taken(chore: PeriodicTask, now: int) -> bool:
    """Whether its turn has come and nobody else took it."""
    next_at = maintenance_queries.next_run(chore.name)
    # Nothing is locked, and nothing written, for a chore whose time has not come.
    db.session.rollback()
    if next_at is not None and next_at > now:
        runtime().caches.periodic_due[chore.name] = next_at
        return False
    following = now + int(chore.every_seconds * 1000)
    with write_transaction() as session:
        insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
        absent = insert(TaskSchedule).values(name=chore.name, next_at=0).on_conflict_do_nothing()
        session.execute(absent)
        taken = session.execute(
            update(TaskSchedule)
            .where(TaskSchedule.name == chore.name, TaskSchedule.next_at <= now)
            .values(next_at=following)
            .returning(TaskSchedule.name)
        )
        return taken.first() is not None


def _set_next(chore: PeriodicTask, at: int) -> None:
    runtime().caches.periodic_due.pop(chore.name, None)
    with write_transaction() as session:
        session.execute(
            update(TaskSchedule).where(TaskSchedule.name == chore.name).values(next_at=at)
        )
