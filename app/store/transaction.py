"""The one way to write: a transaction that is committed at its end or leaves nothing behind."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.models.base import db
from app.runtime.context import runtime
from app.store.connections import truncate_wal, wal_is_large
from app.store.sessions import WriteSession

_log = logging.getLogger(__name__)


@contextmanager
def write_transaction() -> Iterator[WriteSession]:
    """One write transaction on the request's session.

    What was read before in the same request stays usable. Not to be nested: a service that needs
    another's work calls a function that takes the session.
    """
    session: Any = db.session
    session.commit()
    with runtime().write_lock.held():
        session.connection(execution_options={"writes": True})
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        _tidy()


def _tidy() -> None:
    """After the commit: what goes wrong here must not look as if nothing had been committed."""
    engine = db.engine
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return
    database = Path(engine.url.database)
    if wal_is_large(database):
        raw = engine.raw_connection()
        try:
            truncate_wal(raw.driver_connection, database)
        except sqlite3.Error:
            _log.exception("SQLite's log was not truncated")
        finally:
            raw.close()
