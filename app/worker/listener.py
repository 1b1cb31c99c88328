"""Listen for wake-ups while the dispatcher is awake, so that it need not poll the database."""

import contextlib
import logging
import threading
import time

import redis

from app.engine.announcements import Announcements
from app.runtime.redis.due_channel import CHANNEL, Presence, read
from app.runtime.redis.subscription import Subscription
from app.runtime.wakeup import WakeUp, client

_log = logging.getLogger(__name__)

# How often the other processes are told that this worker is awake.
_REFRESH_SECONDS = 0.5
_RECONNECT_SECONDS = 1.0
# Nothing was heard for so long, although this worker itself speaks about twice a second.
_SILENT_SECONDS = 3.0


class Listener:
    """A thread of its own: neither a slow nor a hanging Redis delays the dispatcher."""

    def __init__(self, redis_url: str, wake_up: WakeUp, announcements: Announcements) -> None:
        self._redis_url, self._wake_up, self._announcements = redis_url, wake_up, announcements
        self._awake = threading.Event()
        # Held while the other processes are told, so that the last word is the current one.
        self._mutex = threading.Lock()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="wake-up listener", daemon=True)

    def start(self) -> None:
        """The dispatcher is about to run."""
        self._awake.set()
        if not self._thread.is_alive() and not self._is_closed:
            self._thread.start()

    def pause(self) -> None:
        """The dispatcher has returned: from here on a new delivery enqueues a job. What came
        before is found in the database."""
        self._awake.clear()
        with self._mutex:
            self._wake_up.acknowledge(self._announcements.shards.own_name)

    def close(self) -> None:
        self._is_closed = True
        self._announcements.close()
        self._awake.set()

    def _run(self) -> None:
        while not self._is_closed:
            self._awake.wait()
            try:
                self._listen()
            except Exception as error:  # noqa: BLE001 -- the thread must survive any error
                _log.warning("Redis unavailable (%s); polling the database", error)
                self._announcements.is_listening = False
                time.sleep(_RECONNECT_SECONDS)

    def _listen(self) -> None:
        """Until an error of Redis, or `close`."""
        with (
            client(self._redis_url) as server,
            contextlib.closing(Subscription(server, CHANNEL)) as channel,
        ):
            while not self._is_closed:
                self._awake.wait()
                channel.subscribe()
                try:
                    self._pass_on(channel)
                finally:
                    self._announcements.is_listening = False
                channel.unsubscribe()

    def _pass_on(self, channel: Subscription) -> None:
        told_at, heard_at = float("-inf"), time.monotonic()
        while self._awake.is_set() and not self._is_closed:
            if time.monotonic() - told_at >= _REFRESH_SECONDS:
                told_at = time.monotonic()
                self._tell_others()
            for message in channel.read():
                self._announcements.is_listening = True
                heard_at = time.monotonic()
                self._take(message)
            if time.monotonic() - heard_at >= _SILENT_SECONDS:
                # Not even what this worker says itself: the connection is lost, or never was.
                raise redis.TimeoutError("nothing arrives on the channel")

    def _take(self, message: bytes) -> None:
        # A confirmation names nothing: what was announced before it was not heard.
        content = read(message)
        if isinstance(content, Presence):
            shards = self._announcements.shards
            shards.note(content.worker, time.monotonic(), is_awake=content.is_awake)
        else:
            self._announcements.announce(content)

    def _tell_others(self) -> None:
        with self._mutex:
            if self._awake.is_set():
                self._wake_up.mark_awake(self._announcements.shards.own_name)
