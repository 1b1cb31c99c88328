"""What a delivery worker does: it takes RQ's jobs, each of which has it look at the ledger; and
looks there by itself, too, so that Redis may be away."""

import logging
import signal
import time
from functools import cache
from types import FrameType

import redis
from flask import Flask
from rq import Queue, SimpleWorker
from rq.exceptions import DequeueTimeout
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from app.engine.dispatcher import Dispatcher
from app.factory import create_core
from app.runtime.context import guard
from app.runtime.wakeup import WakeUp, client, queue_on
from app.sending.http.descriptors import allow_many
from app.services.maintenance import counting, in_flight, retention
from app.services.maintenance.periodic import PeriodicTask, do_due
from app.services.notifications import email_delivery as mailing
from app.services.notifications import publishing as noticing

_log = logging.getLogger(__name__)

# In the order of their urgency.
PERIODIC_TASKS: tuple[PeriodicTask, ...] = (
    counting.COUNTING,
    noticing.NOTICING,
    mailing.MAILING,
    counting.PRUNING,
    retention.RETENTION,
    in_flight.RECOUNTING,
)
# How long deliveries wait for chores, and how often they do.
_CHORES_SECONDS, _CHORES_EVERY_SECONDS = 0.1, 1.0
# A drain comes back after so long, so that RQ's heartbeats and timeouts stay honest.
_SLICE_SECONDS = 10.0
_LOOK_SECONDS = 1.0
# For an answer of Redis: longer than a worker waits for a job (desk.BEAT_SECONDS), but not much.
_REDIS_SECONDS = 1.5
# RQ's own chores, and how long a worker that died stays in its lists.
_RQ_MAINTENANCE_SECONDS, _RQ_WORKER_SECONDS = 30, 60


@cache
def application() -> Flask:
    """This process's own. A record of a worker that is lost in a crash is an attempt repeated."""
    return create_core(durable=False)


@cache
def _bell() -> WakeUp:
    return WakeUp(application().extensions["callboard.settings"].redis_url)


@cache
def _drain() -> Dispatcher:
    extensions = application().extensions
    with application().app_context():
        allowed = guard()
    return Dispatcher(
        extensions["callboard.settings"],
        extensions["callboard.write_lock"],
        extensions["callboard.vault"],
        allowed,
        _bell().notify,
    )


def drain() -> None:
    """RQ's one job: send what is due."""
    # Taken down before the ledger is read, so that whoever rings later has a worker come again.
    _bell().acknowledge()
    _drain().run(_SLICE_SECONDS)
    if _drain().is_stopping:
        # At once: what follows of RQ's own may wait for a Redis that hangs.
        _drain().close()


def run_periodic_tasks() -> None:
    """Those that are due, as far as a moment goes."""
    try:
        with application().app_context():
            do_due(PERIODIC_TASKS, _CHORES_SECONDS)
    except SQLAlchemyError as error:
        said = str(error).partition("\n")[0]
        _log.warning("the database is away (%s); the chores wait", said)


def work() -> None:
    """Until SIGTERM or SIGINT."""
    allow_many(application().extensions["callboard.settings"].max_in_flight)
    rounds = _Rounds()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, rounds.stop)
    try:
        while not rounds.is_stopped:
            try:
                _worker(rounds).work(logging_level="CRITICAL")
                # It came back: Redis did not answer in time, and says so to nobody else.
                rounds.rest(_LOOK_SECONDS)
            except (redis.RedisError, OSError) as error:
                _log.warning("Redis is away (%s); the ledger alone is looked at", error)
                rounds.rest(_LOOK_SECONDS)
    finally:
        _drain().close()


class _Rounds:
    """What a worker does beside RQ's jobs."""

    def __init__(self) -> None:
        self.is_stopped = False
        self._chores_at = 0.0

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        self.is_stopped = True
        _drain().stop()

    def go(self) -> float:
        """Do what is to be done now; seconds until there is more."""
        if self.is_stopped:
            return 0.0
        clock = time.monotonic()
        if clock - self._chores_at >= _CHORES_EVERY_SECONDS:
            self._chores_at = clock
            run_periodic_tasks()
        wait = _drain().check()
        if wait <= 0 and not self.is_stopped:
            drain()
        return wait

    def rest(self, seconds: float) -> None:
        """The same without RQ, for so long."""
        until = time.monotonic() + seconds
        while not self.is_stopped and (left := until - time.monotonic()) > 0:
            time.sleep(min(self.go(), left, 0.1))


class _Worker(SimpleWorker):
    """RQ's worker, with a look at the ledger between its jobs. Its signal handlers only take a
    note: Redis may be away at that moment, too."""

    rounds: _Rounds

    @property
    def connection_timeout(self) -> float:
        """A Redis that hangs holds a worker for so many seconds, and no longer."""
        return _REDIS_SECONDS

    def _install_signal_handlers(self) -> None:
        """They stand already, and outlive this object."""

    def register_death(self) -> None:
        """Not when Redis is what ended it: to tell it so would take as long again, and it forgets
        a worker by itself."""
        if self.rounds.is_stopped:
            super().register_death()

    def subscribe(self) -> None:
        """RQ's remote commands are not taken: a thread and a connection for each worker less."""

    def unsubscribe(self) -> None:
        """There is nothing to end."""

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        del timeout, max_idle_time
        while not self.rounds.is_stopped:
            self.heartbeat()
            if self.should_run_maintenance_tasks:
                self.run_maintenance_tasks()
            wait = self.rounds.go()
            if wait > 0 and not self.rounds.is_stopped:
                found = self._dequeued(wait)
                if found is not None:
                    return found
        _drain().close()
        return None

    def _dequeued(self, wait: float) -> tuple[Job, Queue] | None:
        try:
            found: tuple[Job, Queue] | None = self.queue_class.dequeue_any(
                self._ordered_queues,
                wait,
                connection=self.connection,
                job_class=self.job_class,
                serializer=self.serializer,
                death_penalty_class=self.death_penalty_class,
            )
        except DequeueTimeout:
            return None
        return found


def _worker(rounds: _Rounds) -> _Worker:
    url = application().extensions["callboard.settings"].redis_url
    # One that hangs is known for it before much time is spent on it.
    client(url).ping()
    connection = client(url, _REDIS_SECONDS)
    worker = _Worker(
        [queue_on(connection)],
        connection=connection,
        serializer=JSONSerializer,
        maintenance_interval=_RQ_MAINTENANCE_SECONDS,
        worker_ttl=_RQ_WORKER_SECONDS,
    )
    worker.rounds = rounds
    return worker
