"""When a key was last used: noted in memory, written at most once a minute and never in a
request."""

import logging
import threading

from flask import Flask
from sqlalchemy import bindparam, update

from app.models import ApiKey
from app.store.availability import is_reported
from app.store.transaction import write_transaction

MINUTE_MS = 60_000
# Collects the keys of several requests into one write.
DELAY_SECONDS = 2.0
log = logging.getLogger(__name__)


class KeyUsage:
    """One for each app. A timer runs only while there is something to write, so that no thread
    exists when gunicorn forks."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._mutex = threading.Lock()
        self._written: dict[str, int] = {}
        self._waiting: dict[str, int] = {}
        self._timer: threading.Timer | None = None

    def note(self, key_id: str, stored: int | None, now: int) -> None:
        """stored: `last_used_at` in the key's row. Times are milliseconds since the epoch."""
        if now - max(self._written.get(key_id, 0), stored or 0) < MINUTE_MS:
            return
        with self._mutex:
            self._written[key_id] = self._waiting[key_id] = now
            if self._timer is None:
                self._timer = threading.Timer(DELAY_SECONDS, self._write_quietly)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Write pending uses. Called by the timer; needs no app context."""
        with self._mutex:
            waiting, self._waiting, self._timer = self._waiting, {}, None
        if waiting:
            rows = [{"key": key, "at": at} for key, at in waiting.items()]
            table = ApiKey.__table__
            statement = update(table).where(table.c.id == bindparam("key"))
            with self._app.app_context(), write_transaction() as session:
                session.connection().execute(statement.values(last_used_at=bindparam("at")), rows)

    def close(self) -> None:
        """Stop the timer and drop pending uses."""
        with self._mutex:
            timer, self._waiting, self._timer = self._timer, {}, None
        if timer is not None:
            timer.cancel()
            timer.join()

    def _write_quietly(self) -> None:
        try:
            self.write()
        except Exception as error:
            if not is_reported(error):
                log.exception("recording the last use of API keys failed")
