"""Run periodic tasks between deliveries, each by one worker at a time."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from app.domain.common.clock import now_ms
from app.models import TaskSchedule
from app.models.common.base import db
from app.queries.common.moments import NOW, Moment
from app.queries.maintenance import tasks as maintenance_queries
from app.runtime.context import runtime
from app.store.availability import is_reported
from app.store.transaction import write_transaction

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    """work: takes a deadline on `time.monotonic` and stops near it, even in the middle of a
    backlog; returns True if there is more to do at once. every_seconds: the pause otherwise.

    rows_to_do: takes the time; without such rows the task does not run. All tasks' rows are looked
    for in one statement, so that an idle worker costs little."""

    name: str
    every_seconds: float
    work: Callable[[float], bool]
    rows_to_do: Callable[[Moment], Select[Any]] | None = None

    @property
    def pause_ms(self) -> int:
        return int(self.every_seconds * 1000)


def do_due(tasks: Sequence[PeriodicTask], seconds: float) -> None:
    """Run due tasks for about `seconds` in total. A task that fails is logged and runs again after
    its pause."""
    deadline = time.monotonic() + seconds
    now, next_at = now_ms(), runtime().caches.periodic_due
    due = [task for task in tasks if _is_due(task, next_at.get(task.name, 0), now)]
    for task in _with_work(due, now):
        if time.monotonic() >= deadline:
            return
        if _take(task, now_ms()):
            _run(task, deadline)


def _with_work(tasks: Sequence[PeriodicTask], now: int) -> list[PeriodicTask]:
    """Those that have something to do. The others wait for their pause."""
    looking = tuple(task for task in tasks if task.rows_to_do is not None)
    if not looking:
        return list(tasks)
    try:
        has_rows = maintenance_queries.which_exist(_rows_to_do(looking), now)
    except SQLAlchemyError:
        # One table that cannot be read must not stop the tasks of the others.
        return list(tasks)
    finally:
        db.session.rollback()
    idle = {task for task, has_some in zip(looking, has_rows, strict=True) if not has_some}
    runtime().caches.periodic_due.update({task.name: now + task.pause_ms for task in idle})
    return [task for task in tasks if task not in idle]


@lru_cache(maxsize=128)
def _rows_to_do(tasks: tuple[PeriodicTask, ...]) -> Select[Any]:
    """Building the statement costs more than executing it."""
    return maintenance_queries.existence(
        [task.rows_to_do(NOW) for task in tasks if task.rows_to_do]
    )


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
