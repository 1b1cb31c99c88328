"""Work beside deliveries that would be in their way: in a thread of its own, one at a time."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app

from app.models.base import db

_log = logging.getLogger(__name__)


class BackgroundThread:
    """run: inside an app context, until there is nothing more to do. What it was about when the
    process ends must be found again by the next."""

    def __init__(self, app: Flask, name: str, run: Callable[[], object]) -> None:
        self._app, self._name, self._run = app, name, run
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Unless it is under way."""
        with self._guard:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Until it is done."""
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        with self._app.app_context():
            try:
                self._run()
            except Exception:  # noqa: BLE001 -- a later turn tries again
                _log.exception("%s failed", self._name)
            finally:
                db.session.remove()


def background_thread(name: str, run: Callable[[], object]) -> BackgroundThread:
    """The one of this name in this process."""
    proxy: Any = current_app
    app = proxy._get_current_object()  # noqa: SLF001 -- a thread needs the application itself
    found: BackgroundThread = app.extensions.setdefault(
        f"callboard.errand.{name}", BackgroundThread(app, name, run)
    )
    return found
