"""Cache look-ups for a short time in this process's memory."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import TTLCache

from app.runtime.event_loop import about_to_wait

MAX_ENTRIES = 10_000

T = TypeVar("T")


class LookUpCache(Generic[T]):
    """Thread-safe. A look-up that returns None is not cached."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._entries: TTLCache[Hashable, T] = TTLCache(MAX_ENTRIES, seconds, clock)
        self._mutex = threading.Lock()
        # Raised by `clear` and `put`, so that a look-up that began before is not cached after.
        self._generation = 0

    def get(self, key: Hashable, look_up: Callable[[], T | None]) -> T | None:
        with self._mutex:
            value, generation = self._entries.get(key), self._generation
        if value is not None:
            return value
        about_to_wait()
        value = look_up()
        if value is not None:
            with self._mutex:
                if generation == self._generation:
                    self._entries[key] = value
        return value

    def put(self, key: Hashable, value: T) -> None:
        """What another read has just found."""
        with self._mutex:
            self._generation += 1
            self._entries[key] = value

    def clear(self) -> None:
        with self._mutex:
            self._generation += 1
            self._entries.clear()
