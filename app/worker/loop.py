"""Dispatch what is due, wait for a wake-up, and run periodic tasks in between."""

import logging
import signal
import time
from collections.abc import Sequence
from types import FrameType
from typing import Protocol

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.engine.dispatcher import Dispatcher
from app.runtime.context import Runtime, runtime_of
from app.sending.http.descriptors import raise_open_file_limit
from app.sending.oauth import OAuthTokens
from app.services.jobs import running as jobs
from app.services.maintenance.periodic import PeriodicTask, do_due
from app.store.availability import is_reported
from app.worker.listener import Listener
from app.worker.metrics_server import serve_metrics
from app.worker.rq_queue import RqQueue
from app.worker.tasks import PERIODIC_TASKS

_log = logging.getLogger(__name__)

# How long deliveries may wait for periodic tasks, and how often these get a turn.
_TASKS_SECONDS, _TASKS_EVERY_SECONDS = 0.1, 1.0
# The dispatcher returns after this long even when more is due, so that tasks get their turn.
_SLICE_SECONDS = 10.0


class WakeUps(Protocol):
    """Where a worker waits while nothing is due."""

    def wait_for_wakeup(self, timeout: float) -> bool:
        """Return within `timeout` seconds; True as soon as something is due."""

    def close(self) -> None: ...


class Worker:
    """One per process. It polls the database at least once a second, so wake-ups only save time."""

    def __init__(self, app: Flask, wake_ups: WakeUps, tasks: Sequence[PeriodicTask]) -> None:
        self._app = app
        self._wake_ups = wake_ups
        self._tasks = tasks
        self._runtime = runtime_of(app)
        self._dispatcher = _dispatcher_for(self._runtime)
        self._listener = Listener(
            self._runtime.settings.redis_url, self._runtime.wake_up, self._dispatcher.announcements
        )
        self._is_stopped = False
        self._tasks_at = float("-inf")

    def stop(self) -> None:
        """May be called by a signal handler."""
        self._is_stopped = True
        self._dispatcher.stop()

    def run(self) -> None:
        """Work until `stop` is called."""
        try:
            while not self._is_stopped:
                self._turn()
        finally:
            self._listener.close()
            # Claims are released first, because Redis may hang.
            self._dispatcher.close()
            self._wake_ups.close()

    def _turn(self) -> None:
        clock = time.monotonic()
        if clock - self._tasks_at >= _TASKS_EVERY_SECONDS:
            self._tasks_at = clock
            self._run_tasks()
        wait = self._dispatcher.check()
        is_due = wait <= 0 or self._is_stopped or self._wake_ups.wait_for_wakeup(wait)
        if is_due and not self._is_stopped:
            self._listener.start()
            self._dispatcher.run(_SLICE_SECONDS)
            # Before the next `check` reads the database: a later notification enqueues a job.
            self._listener.pause()

    def _run_tasks(self) -> None:
        try:
            with self._app.app_context():
                do_due(self._tasks, _TASKS_SECONDS)
        except SQLAlchemyError as error:
            if not is_reported(error):
                _log.exception("periodic tasks are postponed")


def work(app: Flask) -> None:
    """Run a worker until SIGTERM or SIGINT. app: from `create_core(durable=False)`."""
    settings = runtime_of(app).settings
    raise_open_file_limit(settings.max_in_flight)
    if settings.metrics_port:
        serve_metrics(settings.host, settings.metrics_port)
    background = runtime_of(app).background

    def run_bulk_job(_job_id: str) -> None:
        # The thread takes all jobs in turns, so that none waits for another organization's.
        background.start(jobs.THREAD, jobs.run_all)

    worker = Worker(app, RqQueue(settings.redis_url, run_bulk_job), PERIODIC_TASKS)

    def stop(_number: int, _frame: FrameType | None) -> None:
        worker.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    worker.run()


def _dispatcher_for(runtime: Runtime) -> Dispatcher:
    return Dispatcher(
        runtime.settings,
        runtime.write_lock,
        runtime.vault,
        runtime.guard,
        sandbox=runtime.expression_sandbox,
        oauth_tokens=OAuthTokens(
            runtime.redis,
            runtime.vault,
            runtime.guard,
            runtime.settings.dns_servers,
            runtime.settings.delivery_proxy,
        ),
        call_for_help=runtime.wake_up.call_for_help,
        tracing=runtime.tracing,
    )
