"""When things were last used or seen: noted in memory and written together, so that they cost no
request a transaction."""

import logging
import threading
from typing import Any

from flask import Flask
from sqlalchemy import bindparam, update
from sqlalchemy.orm import InstrumentedAttribute

from app.store.availability import is_reported
from app.store.transaction import write_transaction

_log = logging.getLogger(__name__)


class NotedTimes:
    """One for each app and column. A timer runs only while there is something to write, so that no
    thread exists when gunicorn forks."""

    def __init__(
        self,
        app: Flask,
        column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
        delay: float,
    ) -> None:
        """column: milliseconds since the epoch, of a table with an `id`. delay: seconds in which
        further times are collected into one write."""
        self._app, self._column, self._delay = app, column, delay
        self._mutex = threading.Lock()
        self._waiting: dict[str, int] = {}
        self._timer: threading.Timer | None = None

    def put(self, id_: str, at: int) -> None:
        with self._mutex:
            self._waiting[id_] = at
            if self._timer is None:
                self._timer = threading.Timer(self._delay, self._write_quietly)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Write what is pending. Called by the timer; needs no app context."""
        with self._mutex:
            waiting, self._waiting, self._timer = self._waiting, {}, None
        if waiting:
            # In a fixed order: two processes never wait for each other.
            rows = [{"row": id_, "at": at} for id_, at in sorted(waiting.items())]
            table = self._column.class_.__table__
            statement = update(table).where(table.c.id == bindparam("row"))
            values: dict[str, Any] = {self._column.key: bindparam("at")}
            with self._app.app_context(), write_transaction() as session:
                session.connection().execute(statement.values(values), rows)

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
        except Exception as error:  # noqa: BLE001 -- the next ones are written again
            if not is_reported(error):
                _log.exception("recording %s failed", self._column)
