"""Announce topics to the web processes of an installation, through Redis.

What waits for a topic looks at Redis or the database again after each announcement: a repeated one
does no harm, and a lost one costs at most the time that the waiting takes.
"""

import logging
import os
import threading
import time
from collections.abc import Callable

import redis

from app.runtime.wakeup import client

_log = logging.getLogger(__name__)

CHANNEL = "callboard:topics"
_LOOK_SECONDS = 0.5
_RECONNECT_SECONDS = 1.0
# The thread ends after this time in which nothing waited.
_LINGER_SECONDS = 30.0

Notify = Callable[[], None]


def announce(server: redis.Redis, topic: str) -> None:
    """RedisError, OSError. Takes a pipeline, too."""
    server.publish(CHANNEL, topic)


class Topics:
    """One for each application. A thread listens while something waits; it is started when it is
    first needed, so that none exists when gunicorn forks."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._mutex = threading.Lock()
        self._watched: dict[str, list[Notify]] = {}
        # The listening thread and its process: threads do not survive a fork.
        self._listener: tuple[int, threading.Thread] | None = None
        self._is_failing = self._is_closed = False

    def close(self) -> None:
        """Let the thread end soon."""
        self._is_closed = True

    def watch(self, topic: str, notify: Notify) -> Callable[[], None]:
        """Call `notify` after each announcement, and when the connection to Redis is made: what was
        announced before was not heard. It is called in another thread and must not wait.
        Returns a function that ends it."""
        with self._mutex:
            self._watched.setdefault(topic, []).append(notify)
            if self._listener is None or self._listener[0] != os.getpid():
                thread = threading.Thread(target=self._run, name="topics", daemon=True)
                self._listener = (os.getpid(), thread)
                thread.start()
        return lambda: self._end(topic, notify)

    def _end(self, topic: str, notify: Notify) -> None:
        with self._mutex:
            watchers = self._watched.get(topic, [])
            if notify in watchers:
                watchers.remove(notify)
            if not watchers:
                self._watched.pop(topic, None)

    def _run(self) -> None:
        used_at = time.monotonic()
        while True:
            try:
                used_at = self._listen(used_at)
            except Exception as error:  # noqa: BLE001 -- the thread must survive any error
                if not self._is_failing and not self._is_closed:
                    _log.warning("Redis unavailable (%s); listeners wait", error)
                self._is_failing = True
                time.sleep(_RECONNECT_SECONDS)
            if self._is_unused_since(used_at):
                return

    def _is_unused_since(self, used_at: float) -> bool:
        with self._mutex:
            is_unused = not self._watched and time.monotonic() - used_at > _LINGER_SECONDS
            is_over = is_unused or self._is_closed
            if is_over:
                self._listener = None
            return is_over

    def _listen(self, used_at: float) -> float:
        """Until an error of Redis, or until nothing has waited for a while. Returns when something
        last did."""
        with client(self._redis_url) as server, server.pubsub() as channel:
            channel.subscribe(CHANNEL)
            while not self._is_closed:
                message = channel.get_message(timeout=_LOOK_SECONDS)
                if message is not None and message["type"] == "subscribe":
                    self._is_failing = False
                    self._notify(None)
                elif message is not None and message["type"] == "message":
                    self._notify(message["data"].decode())
                if self._watched:
                    used_at = time.monotonic()
                elif time.monotonic() - used_at > _LINGER_SECONDS:
                    break
        return used_at

    def _notify(self, topic: str | None) -> None:
        """topic: None for all."""
        with self._mutex:
            chosen = self._watched.values() if topic is None else [self._watched.get(topic, [])]
            notifies = [notify for watchers in chosen for notify in watchers]
        for notify in notifies:
            notify()
