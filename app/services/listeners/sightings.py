"""When listeners last asked for callbacks: noted in memory and written together, so that a thousand
of them cost the database a statement now and then."""

import logging
import threading

from flask import Flask
from sqlalchemy import bindparam, update

from app.models import Listener
from app.store.availability import is_reported
from app.store.transaction import write_transaction

# Collects the listeners of many requests into one write. Far below service.SILENT_SECONDS.
DELAY_SECONDS = 5.0
_log = logging.getLogger(__name__)


class Sightings:
    """One for each app. A timer runs only while there is something to write, so that no thread
    exists when gunicorn forks."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._mutex = threading.Lock()
        self._waiting: dict[str, int] = {}
        self._timer: threading.Timer | None = None

    def note(self, listener_id: str, now: int) -> None:
        """now: milliseconds since the epoch."""
        with self._mutex:
            self._waiting[listener_id] = now
            if self._timer is None:
                self._timer = threading.Timer(DELAY_SECONDS, self._write_quietly)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Write what is pending. Called by the timer; needs no app context."""
        with self._mutex:
            waiting, self._waiting, self._timer = self._waiting, {}, None
        if waiting:
            # In a fixed order: two processes never wait for each other.
            rows = [{"listener": id_, "at": at} for id_, at in sorted(waiting.items())]
            table = Listener.__table__
            statement = update(table).where(table.c.id == bindparam("listener"))
            with self._app.app_context(), write_transaction() as session:
                session.connection().execute(statement.values(seen_at=bindparam("at")), rows)

    def close(self) -> None:
        """Stop the timer and drop what is pending."""
        with self._mutex:
            timer, self._waiting, self._timer = self._timer, {}, None
        if timer is not None:
            timer.cancel()
            timer.join()

    def _write_quietly(self) -> None:
        try:
            self.write()
        except Exception as error:  # noqa: BLE001 -- the next one is written again
            if not is_reported(error):
                _log.exception("recording when listeners were seen failed")
