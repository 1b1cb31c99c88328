"""The bell: tells a worker that something is due. A ring that is lost costs a second, no delivery:
what is due stands in the database, and workers look there by themselves."""

import contextlib
import logging
import os
import threading
import time

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

NAME = "callboard"
# The function that a job names. No job is executed: it only wakes a worker up.
JOB = "app.worker.wake_up"
# The second name is that of processes of the previous release.
ACCEPTED_JOBS = frozenset({JOB, "app.jobs.drain"})
# A drain works in slices far below this, so that it is only ever reached by a stopped process.
JOB_TIMEOUT_SECONDS = 300
KEPT_SECONDS = 60

_BELL = "callboard:bell"
# A bell that nobody takes down rings again after this, since whoever was to come may have died.
_BELL_MS = 2000
_TIMEOUT_SECONDS = 0.25
# After an error Redis is left alone for this long; rings meanwhile become one.
_REST_SECONDS = 1.0
# A thread that has nothing to ring for ends; the next ring starts one.
_LINGER_SECONDS = 2.0
# Drains that wait in the queue; more would only find nothing to do.
_MOST_WAITING = 8

_log = logging.getLogger(__name__)


def client(url: str, timeout: float = _TIMEOUT_SECONDS) -> redis.Redis:
    """A client that tries once and gives up soon: for what must not wait for Redis. timeout:
    seconds for each answer."""
    return redis.Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def queue_on(connection: redis.Redis) -> Queue:
    """The one queue of the workers. What lies in Redis is JSON, never code."""
    return Queue(NAME, connection=connection, serializer=JSONSerializer)


class WakeUp:
    """`ring` from any thread, before or after a fork; `take_down` by who drains, before it looks
    for work for the last time."""

    def __init__(self, url: str) -> None:
        self._client = client(url)
        self._wanted = threading.Event()
        self._guard = threading.Lock()
        self._ringer: tuple[int, threading.Thread] | None = None

    def notify(self) -> None:
        """Wake up a worker. Call it after the commit; it never blocks and never raises."""
        self._wanted.set()
        ringer = self._ringer
        if ringer is None or ringer[0] != os.getpid():
            self._start()

    def acknowledge(self) -> None:
        """From now on the next ring enqueues a drain again. Redis may be away."""
        with contextlib.suppress(redis.RedisError, OSError):
            self._client.delete(_BELL)

    def _start(self) -> None:
        # A child process begins with its parent's lock as it was; the two share no ringer.
        if self._ringer is not None and self._ringer[0] != os.getpid():
            self._guard = threading.Lock()
        with self._guard:
            if self._ringer is None or self._ringer[0] != os.getpid():
                thread = threading.Thread(target=self._run, name="bell", daemon=True)
                self._ringer = (os.getpid(), thread)
                thread.start()

    def _run(self) -> None:
        while self._is_wanted():
            try:
                self._ring_once()
            except Exception as error:  # noqa: BLE001 -- else nobody would ring any more
                _log.warning("Redis does not answer (%s); workers look by themselves", error)
                time.sleep(_REST_SECONDS)

    def _is_wanted(self) -> bool:
        if self._wanted.wait(_LINGER_SECONDS):
            self._wanted.clear()
            return True
        with self._guard:
            # Who rings from here on starts a new thread; who rang just before is served.
            self._ringer = None
        if self._wanted.is_set():
            self._start()
        return False

    def _ring_once(self) -> None:
        if self._client.set(_BELL, 1, nx=True, px=_BELL_MS):
            queue = queue_on(self._client)
            if queue.count < _MOST_WAITING:
                queue.enqueue(
                    JOB,
                    job_timeout=JOB_TIMEOUT_SECONDS,
                    result_ttl=KEPT_SECONDS,
                    failure_ttl=KEPT_SECONDS,
                )
