"""A bounded number of threads with a bounded queue."""

import logging
import queue
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)

# A thread ends after this time without work.
_IDLE_SECONDS = 60.0


class Full(Exception):
    """Too much is waiting."""


class Pool:
    """Threads are started when they are needed. They do not keep the process alive."""

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self._name, self._threads, self._limit = name, threads, threads + waiting
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._mutex = threading.Lock()
        self._running = self._tasks = 0

    def run(self, work: Callable[[], None]) -> None:
        """Run `work` in a thread, soon. Full."""
        with self._mutex:
            if self._tasks >= self._limit:
                raise Full
            self._tasks += 1
            starts = self._tasks > self._running and self._running < self._threads
            self._running += starts
        self._work.put(work)
        if starts:
            threading.Thread(target=self._loop, name=self._name, daemon=True).start()

    def _loop(self) -> None:
        while True:
            try:
                work = self._work.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                with self._mutex:
                    # Work may just have been added for this thread.
                    if self._tasks < self._running:
                        self._running -= 1
                        return
                continue
            try:
                work()
            except BaseException:  # noqa: BLE001 -- the thread is needed for other requests
                _log.exception("a task of the threads %s failed", self._name)
            finally:
                with self._mutex:
                    self._tasks -= 1
