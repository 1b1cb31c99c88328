"""Run periodic tasks between deliveries, each by one worker at a time."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, update
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.common.clock import now_ms
from app.models import TaskSchedule
from app.models.common.base import db
from app.queries.maintenance import tasks as maintenance_queries
from app.runtime.context import runtime
from app.store.availability import is_reported
from app.store.transaction import write_transaction

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    """work: takes a deadline on `time.monotonic` and stops near it, even in the middle of a
    backlog; returns True if there is more to do at once. every_seconds: the pause otherwise."""

    name: str
    every_seconds: float
    work: Callable[[float], bool]

    @property
    def pause_ms(self) -> int:
        return int(self.every_seconds * 1000)


def do_due(tasks: Sequence[PeriodicTask], seconds: float) -> None:
    """Run due tasks for about `seconds` in total. A task that fails is logged and runs again after
    its pause."""
    deadline = time.monotonic() + seconds
    for task in tasks:
        if time.monotonic() >= deadline:
            return
        now = now_ms()
        if _is_due(task, runtime().caches.periodic_due.get(task.name, 0), now) and _take(task, now):
            _run(task, deadline)


def _is_due(task: PeriodicTask, next_at: int, now: int) -> bool:
    """A run further ahead than the task's pause was scheduled by a clock that was set back."""
    return not now < next_at <= now + task.pause_ms


def _run(task: PeriodicTask, deadline: float) -> None:
    try:
        if task.work(deadline):
            _set_next(task, now_ms())
    except Exception as error:  # noqa: BLE001 -- a task that fails must not stop the others
        if not is_reported(error):
            _log.exception("periodic task %s failed", task.name)
    finally:
        db.session.remove()


def _take(task: PeriodicTask, now: int) -> bool:
    """Whether the task is due and no other worker took it."""
    next_at = maintenance_queries.next_run(task.name)
    # Locks and writes nothing for a task that is not due.
    db.session.rollback()
    if next_at is not None and not _is_due(task, next_at, now):
        runtime().caches.periodic_due[task.name] = next_at
        return False
    following = now + task.pause_ms
    scheduled = TaskSchedule.next_at
    with write_transaction() as session:
        insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
        absent = insert(TaskSchedule).values(name=task.name, next_at=0).on_conflict_do_nothing()
        session.execute(absent)
        result = session.execute(
            update(TaskSchedule)
            .where(TaskSchedule.name == task.name, or_(scheduled <= now, scheduled > following))
            .values(next_at=following)
            .returning(TaskSchedule.name)
        )
        return result.first() is not None


def _set_next(task: PeriodicTask, at: int) -> None:
    runtime().caches.periodic_due.pop(task.name, None)
    with write_transaction() as session:
        session.execute(
            update(TaskSchedule).where(TaskSchedule.name == task.name).values(next_at=at)
        )
