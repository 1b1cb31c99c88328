"""Wake up delivery workers through Redis.

An idle worker waits for a job of RQ. One that is awake listens to a channel, which costs less per
event. A lost wake-up costs a second but no delivery: workers also poll the due queue in the
database.
"""

import contextlib
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Collection
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from app.runtime.configuration.sentinel_url import names_sentinels, parse_sentinel_url
from app.runtime.redis.deadline import bound
from app.runtime.redis.due_channel import CHANNEL, MAX_NAMES, Due, named, presence
from app.runtime.redis.sentinels import OnMaster, master_client
from app.runtime.redis.short_replies import NULLS, ShortReplies, packed

NAME = "callboard"
# The function that a job names. No job is executed: it only wakes a worker up.
JOB = "app.worker.wake_up"
# The second name is used by processes of the previous release.
ACCEPTED_JOBS = frozenset({JOB, "app.jobs.drain"})
# Starts the job of bulk work whose id is its one argument.
BULK_JOB = "app.worker.run_job"
# How long RQ keeps a job that a worker of the previous release failed to execute.
KEPT_SECONDS = 60

# Exists while a job is pending or a worker is awake, so that a burst of events enqueues one job.
_PENDING_KEY = "callboard:bell"
# How long a worker counts as awake, or a job as pending, without being heard of: it may have died.
_PENDING_MS = 2000
_SET_PENDING = packed(b"SET", _PENDING_KEY.encode(), b"1", b"NX", b"PX", b"%d" % _PENDING_MS)
_TIMEOUT_SECONDS = 0.25
# Pause after a Redis error. Notifications during the pause are merged.
_RETRY_SECONDS = 1.0
# The thread ends after this time without notifications; the next one starts it again.
_LINGER_SECONDS = 2.0
# No job is enqueued while this many wait.
_MAX_JOBS = 8
# Jobs of bulk work that wait for Redis; workers find further ones in the database.
_MAX_STARTS = 100
# Notifications that wait for Redis; above that, workers look into the due queue.
_MAX_WAITING = 1000

_log = logging.getLogger(__name__)


def client(
    url: str, timeout: float = _TIMEOUT_SECONDS, on_master: OnMaster | None = None
) -> redis.Redis:
    """A client that tries once and fails fast. timeout: seconds for each response as a whole.
    on_master: for URLs of sentinels."""
    options: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": _TIMEOUT_SECONDS,
        "retry": Retry(NoBackoff(), 0),
        # Servers that have them would send messages between the replies.
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }
    if not names_sentinels(url):
        return bound(redis.Redis.from_url(url, **options))
    parsed = parse_sentinel_url(url)
    return bound(
        master_client(parsed, [client(each) for each in parsed.sentinels], on_master, **options)
    )


def queue_on(connection: redis.Redis) -> Queue:
    """The one queue of the workers. Jobs are JSON, never pickled code."""
    return Queue(NAME, connection=connection, serializer=JSONSerializer)


class WakeUp:
    """`notify` may be called from any thread, before and after a fork."""

    def __init__(self, url: str, on_master: OnMaster | None = None) -> None:
        """on_master: see `client`."""
        self._client = client(url, on_master=on_master)
        self._requested = threading.Event()
        # Webhooks to name; None for a notification without names.
        self._due: deque[Collection[Due] | None] = deque(maxlen=_MAX_WAITING)
        self._is_help_wanted = False
        self._starts: deque[str] = deque(maxlen=_MAX_STARTS)
        self._mutex = threading.Lock()
        # The notifying thread and its process: threads do not survive a fork.
        self._notifier: tuple[int, threading.Thread] | None = None

    def notify(self, due: Collection[Due] | None = None) -> None:
        """Wake up a worker. Call it after the commit; it never blocks and never raises.

        due: the webhooks concerned; None: the workers look for them in the due queue."""
        self._due.append(due)
        self._requested.set()
        notifier = self._notifier
        if notifier is None or notifier[0] != os.getpid():
            self._start()

    def call_for_help(self) -> None:
        """Wake up an idle worker although this one is awake. Like `notify`, never blocks."""
        self._is_help_wanted = True
        self.notify()

    def start_job(self, job_id: str) -> None:
        """Have a worker run this job of bulk work soon. Like `notify`, never blocks."""
        self._starts.append(job_id)
        self.notify()

    def mark_awake(self, worker: str) -> None:
        """Let `notify` only publish, for two seconds. For workers that listen to CHANNEL, whose
        others hear of it. RedisError, OSError."""
        with self._client.pipeline(transaction=False) as pipeline:
            pipeline.set(_PENDING_KEY, 1, px=_PENDING_MS)
            pipeline.publish(CHANNEL, presence(worker, is_awake=True))
            pipeline.execute()

    def acknowledge(self, worker: str) -> None:
        """Let the next `notify` enqueue a job again. Workers call it before they read the due
        queue. Redis may be unavailable."""
        with (
            contextlib.suppress(redis.RedisError, OSError),
            self._client.pipeline(transaction=False) as pipeline,
        ):
            pipeline.delete(_PENDING_KEY)
            pipeline.publish(CHANNEL, presence(worker, is_awake=False))
            pipeline.execute()

    def _start(self) -> None:
        # After a fork the lock may be held by a thread that does not exist in this process.
        if self._notifier is not None and self._notifier[0] != os.getpid():
            self._mutex = threading.Lock()
        with self._mutex:
            if self._notifier is None or self._notifier[0] != os.getpid():
                thread = threading.Thread(target=self._run, name="wake-up", daemon=True)
                self._notifier = (os.getpid(), thread)
                thread.start()

    def _run(self) -> None:
        with contextlib.closing(ShortReplies(self._client)) as replies:
            self._send_all(replies)

    def _send_all(self, replies: ShortReplies) -> None:
        while self._wait_for_request():
            try:
                self._send(replies)
            except Exception as error:  # noqa: BLE001 -- the thread must survive any error
                _log.warning("Redis unavailable (%s); workers poll the database", error)
                # What was to be named is lost.
                self._due.append(None)
                time.sleep(_RETRY_SECONDS)

    def _wait_for_request(self) -> bool:
        if self._requested.wait(_LINGER_SECONDS):
            self._requested.clear()
            return True
        with self._mutex:
            # From here on `notify` starts a new thread; a request just before is handled below.
            self._notifier = None
        if self._requested.is_set():
            self._start()
        return False

    def _message(self) -> bytes:
        """What is to be published for the notifications since the last one."""
        due: set[Due] = set()
        is_complete = len(self._due) < _MAX_WAITING
        while self._due:
            webhooks = self._due.popleft()
            if webhooks is None:
                is_complete = False
            elif len(due) <= MAX_NAMES:
                due.update(webhooks)
        return named(due) if is_complete else b""

    def _send(self, replies: ShortReplies) -> None:
        """Runs for nearly every event."""
        is_help_wanted, self._is_help_wanted = self._is_help_wanted, False
        published = packed(b"PUBLISH", CHANNEL.encode(), self._message())
        # Null: a job is pending or a worker awake.
        is_first = replies.call(published + _SET_PENDING, 2)[1] not in NULLS
        if is_first or is_help_wanted:
            queue = queue_on(self._client)
            if queue.count < _MAX_JOBS:
                queue.enqueue(JOB, result_ttl=KEPT_SECONDS, failure_ttl=KEPT_SECONDS)
        while self._starts:
            arguments = [self._starts.popleft()]
            queue_on(self._client).enqueue_call(
                BULK_JOB, args=arguments, result_ttl=KEPT_SECONDS, failure_ttl=KEPT_SECONDS
            )
