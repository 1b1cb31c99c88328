"""The worker's loop, driven by wake-ups of the test's own."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import literal, select, text

from app.domain.common.clock import now_ms
from app.models import Notice, TaskSchedule
from app.models.common.base import db
from app.runtime.context import runtime
from app.services.maintenance.periodic import PeriodicTask
from app.worker.loop import Worker
from app.worker.tasks import PERIODIC_TASKS


class WakeUps:
    """Stops the worker after as many waits, and once the condition holds."""

    def __init__(self, waits: int, condition: Callable[[], bool]) -> None:
        self.left = waits
        self.condition = condition
        self.is_closed = False
        self.stop: Callable[[], None] = lambda: None

    def wait_for_wakeup(self, timeout: float) -> bool:
        assert 0 < timeout <= 1.0
        self.left -= 1
        if self.left <= 0 and self.condition():
            self.stop()
        return True

    def close(self) -> None:
        self.is_closed = True


def run(
    app: Flask, *tasks: PeriodicTask, waits: int = 2, until: Callable[[], bool] = lambda: True
) -> WakeUps:
    wake_ups = WakeUps(waits, until)
    worker = Worker(app, wake_ups, tasks)
    wake_ups.stop = worker.stop
    worker.run()
    return wake_ups


def test_a_worker_waits_for_wake_ups_until_it_is_stopped(sqlite_app: Flask) -> None:
    wake_ups = run(sqlite_app)
    assert wake_ups.left == 0
    assert wake_ups.is_closed


def test_periodic_tasks_run_between_deliveries(sqlite_app: Flask) -> None:
    runs: list[float] = []

    def record(deadline: float) -> bool:
        runs.append(deadline)
        return False

    run(sqlite_app, PeriodicTask("recording", 60.0, record))
    assert len(runs) == 1


def test_a_failing_task_does_not_keep_the_others_from_running(sqlite_app: Flask) -> None:
    runs: list[str] = []

    def fail(_: float) -> bool:
        raise RuntimeError("failed")

    def record(_: float) -> bool:
        runs.append("record")
        return False

    failing = PeriodicTask("failing", 60.0, fail)
    # On a slow machine the first task takes the time of the second, which then waits for its turn.
    run(sqlite_app, failing, PeriodicTask("recording", 60.0, record), until=lambda: bool(runs))
    assert runs == ["record"]


def test_every_periodic_task_has_a_name_of_its_own() -> None:
    names = [task.name for task in PERIODIC_TASKS]
    assert len(set(names)) == len(names)


def test_a_task_without_rows_to_do_does_not_run_until_its_pause_is_over(sqlite_app: Flask) -> None:
    runs: list[float] = []

    def record(deadline: float) -> bool:
        runs.append(deadline)
        return False

    task = PeriodicTask("recording", 60.0, record, lambda _: select(Notice.id))
    run(sqlite_app, task)
    assert runs == []
    with sqlite_app.app_context():
        assert runtime().caches.periodic_due["recording"] > now_ms()
        assert db.session.scalars(select(TaskSchedule.name)).all() == []


def test_a_task_with_rows_to_do_runs(sqlite_app: Flask) -> None:
    runs: list[float] = []

    def record(deadline: float) -> bool:
        runs.append(deadline)
        return False

    run(sqlite_app, PeriodicTask("recording", 60.0, record, lambda _: select(literal(1))))
    assert len(runs) == 1


def test_rows_that_cannot_be_looked_for_keep_no_task_from_running(sqlite_app: Flask) -> None:
    runs: list[float] = []

    def record(deadline: float) -> bool:
        runs.append(deadline)
        return False

    missing = select(text("id FROM missing"))
    broken = PeriodicTask("broken", 60.0, lambda _: False, lambda _: missing)
    run(sqlite_app, broken, PeriodicTask("recording", 60.0, record), until=lambda: bool(runs))
    assert len(runs) == 1
