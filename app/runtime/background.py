"""Run slow background tasks in threads of their own, so that deliveries do not wait for them."""

import logging
import threading
from collections.abc import Callable

from flask import Flask

_log = logging.getLogger(__name__)


class BackgroundThreads:
    """At most one thread per name."""

    def __init__(
        self, app: Flask, is_reported: Callable[[Exception], bool] = lambda _: False
    ) -> None:
        """is_reported: whether the log already says that this error happened."""
        self._app, self._is_reported = app, is_reported
        self._mutex = threading.Lock()
        self._threads: dict[str, threading.Thread] = {}

    def start(self, name: str, run: Callable[[], object]) -> None:
        """Start `run` in an app context, unless the thread called `name` is still running.

        The process may end at any moment, so the next one must be able to continue the work.
        """
        with self._mutex:
            running = self._threads.get(name)
            if running is None or not running.is_alive():
                thread = threading.Thread(target=self._run, args=(run,), name=name, daemon=True)
                self._threads[name] = thread
                thread.start()

    def wait(self, name: str) -> None:
        thread = self._threads.get(name)
        if thread is not None:
            thread.join()

    def _run(self, run: Callable[[], object]) -> None:
        # Leaving the app context also returns the database session.
        with self._app.app_context():
            try:
                run()
            except Exception as error:  # noqa: BLE001 -- the next run continues the work
                if self._is_reported(error):
                    return
                _log.exception("background task %s failed", threading.current_thread().name)
