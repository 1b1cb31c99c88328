"""Receive wake-ups as an RQ worker."""

import contextlib
import logging
import time
from collections.abc import Callable

import redis
from rq import Queue, SimpleWorker
from rq.exceptions import DequeueTimeout
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

from app.domain.common.ids import is_id
from app.runtime.wakeup import ACCEPTED_JOBS, BULK_JOB, client, queue_on

_log = logging.getLogger(__name__)

# Socket timeout: longer than the longest wait for a job (engine.queue_client.HEARTBEAT_SECONDS).
_REDIS_SECONDS = 1.5
# Without Redis the caller polls the database this often; reconnects are this far apart.
_POLL_SECONDS, _RECONNECT_SECONDS = 0.1, 1.0
# RQ's own maintenance, and how long RQ lists a worker that died.
_RQ_MAINTENANCE_SECONDS, _RQ_WORKER_SECONDS = 30, 60
# How often RQ hears of a worker that waits. The dispatcher may work longer between two waits.
_RQ_HEARTBEAT_SECONDS = 15.0


class RqQueue:
    """Shows up as a worker in RQ's tools, but only takes jobs out of the queue.

    No job is executed: a job is a wake-up, or names a row of bulk work that `run_bulk_job` runs.
    Nothing that its data in Redis names is imported.
    """

    def __init__(self, redis_url: str, run_bulk_job: Callable[[str], None]) -> None:
        """run_bulk_job: takes a job's id, and returns at once."""
        self._redis_url, self._run_bulk_job = redis_url, run_bulk_job
        self._worker: _Registration | None = None
        self._reconnect_at = float("-inf")
        # RQ logs each step of its workers.
        logging.getLogger("rq.worker").setLevel(logging.CRITICAL)

    def wait_for_wakeup(self, timeout: float) -> bool:
        """Wait for a job for up to `timeout` seconds; less when Redis is unavailable."""
        if time.monotonic() < self._reconnect_at:
            time.sleep(min(timeout, _POLL_SECONDS))
            return False
        try:
            if self._worker is None:
                self._worker = _registered(self._redis_url)
            return _take_job(self._worker, timeout, self._run_bulk_job)
        except (redis.RedisError, OSError) as error:
            _log.warning("Redis unavailable (%s); polling the database", error)
            self._worker = None
            self._reconnect_at = time.monotonic() + _RECONNECT_SECONDS
            return False

    def close(self) -> None:
        """Leave RQ's list of workers."""
        if self._worker is not None:
            with contextlib.suppress(redis.RedisError, OSError):
                self._worker.register_death()  # type: ignore[no-untyped-call]
            self._worker = None


class _Registration(SimpleWorker):
    heard_at = float("-inf")

    def heartbeat_if_due(self) -> None:
        clock = time.monotonic()
        if clock - self.heard_at >= _RQ_HEARTBEAT_SECONDS:
            self.heartbeat()
            self.heard_at = clock

    @property
    def connection_timeout(self) -> float:  # type: ignore[override]
        """Bounds how long an unresponsive Redis can block a worker. RQ's default is minutes."""
        return _REDIS_SECONDS


def _registered(redis_url: str) -> _Registration:
    # A short timeout first, so that an unresponsive Redis is noticed quickly.
    client(redis_url).ping()
    connection = client(redis_url, _REDIS_SECONDS)
    worker = _Registration(
        [queue_on(connection)],
        connection=connection,
        serializer=JSONSerializer,
        maintenance_interval=_RQ_MAINTENANCE_SECONDS,
        worker_ttl=_RQ_WORKER_SECONDS,
    )
    worker.register_birth()  # type: ignore[no-untyped-call]
    worker.set_state(WorkerStatus.IDLE)
    return worker


def _take_job(worker: _Registration, timeout: float, run_bulk_job: Callable[[str], None]) -> bool:
    worker.heartbeat_if_due()
    if worker.should_run_maintenance_tasks:
        worker.run_maintenance_tasks()  # type: ignore[no-untyped-call]
    [queue] = worker.queues
    try:
        moved = Queue.lmove(worker.connection, queue.key, timeout)  # type: ignore[arg-type]
    except DequeueTimeout:
        return False
    if moved is None:
        return False
    job_id = _text(moved[1])
    job = _fetch(job_id, worker)
    with worker.connection.pipeline() as pipeline:
        pipeline.lrem(queue.intermediate_queue_key, 1, job_id)
        pipeline.delete(Job.key_for(job_id))
        worker.increment_successful_job_count(pipeline)
        pipeline.execute()
    if job is None:
        return False
    name, arguments = job
    if name == BULK_JOB:
        run_bulk_job(arguments[0])
        return False
    return True


def _fetch(job_id: str, worker: _Registration) -> tuple[str, list[str]] | None:
    """The function's name and its arguments; None unless the worker accepts them."""
    try:
        job = Job.fetch(job_id, connection=worker.connection, serializer=JSONSerializer)
        name, arguments, more = job.func_name, list(job.args), job.kwargs
    except (redis.RedisError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 -- RQ raises many kinds for damaged job data
        _log.warning("ignored job %s: %s", job_id, error)
        return None
    if name == BULK_JOB:
        if len(arguments) == 1 and not more and is_id(arguments[0]):
            return name, arguments
        _log.warning("ignored job %s: invalid arguments", job_id)
        return None
    if name not in ACCEPTED_JOBS:
        _log.warning("ignored job %s: unknown function %r", job_id, name)
        return None
    return name, []


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
