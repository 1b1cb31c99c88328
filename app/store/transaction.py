"""Write transactions."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from app.models.common.base import db, use_connection
from app.runtime.context import runtime
from app.runtime.database_state import DatabaseDown, DatabaseState
from app.runtime.event_loop import about_to_wait
from app.runtime.write_lock import WriteLock, WriteLockBusy
from app.store.availability import note, unavailable
from app.store.connections import truncate_wal, wal_is_large
from app.store.kept import KeptConnection
from app.store.sessions import WriteSession

_log = logging.getLogger(__name__)


@contextmanager
def write_transaction() -> Iterator[WriteSession]:
    """One write transaction on the request's session; commits at the end, rolls back on errors.

    Objects read earlier in the request stay usable. Transactions do not nest: to combine services,
    call their functions that take the session.
    """
    about_to_wait()
    session: Any = db.session
    session.commit()
    state = runtime().database
    with _locked(runtime().write_lock, state):
        session.connection(execution_options={"writes": True})
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        state.worked(wrote=True)
        _truncate_wal()


def kept_connection() -> KeptConnection:
    """For a thread that writes again and again, with `kept_transaction`."""
    held = runtime()
    return KeptConnection(db.engine, partial(_locked, held.write_lock, held.database))


@contextmanager
def kept_transaction(kept: KeptConnection) -> Iterator[Connection]:
    """Like `write_transaction`, but on a kept connection, which the session of this app context
    then uses, too. Raises the driver's own errors as well as SQLAlchemy's."""
    state = runtime().database
    try:
        with kept.write_transaction() as connection:
            use_connection(connection)
            yield connection
            if db.session.registry.has():
                db.session.flush()
    except BaseException as error:
        note(state, error)
        raise
    finally:
        use_connection(None)
        if db.session.registry.has():
            # It has joined a transaction that is over.
            db.session.remove()
    state.worked(wrote=True)


@contextmanager
def _locked(lock: WriteLock, state: DatabaseState) -> Iterator[None]:
    """OperationalError if the database cannot be written to."""
    try:
        state.admit(writes=True)
        lock.acquire()
    except DatabaseDown as error:
        raise unavailable(error) from error
    except WriteLockBusy as error:
        state.failed(str(error), is_total=False)
        raise unavailable(error) from error
    try:
        yield
    finally:
        lock.release()


def _truncate_wal() -> None:
    """Runs after the commit, so an error here must not be raised."""
    engine = db.engine
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return
    database = Path(engine.url.database)
    if wal_is_large(database):
        raw = engine.raw_connection()
        try:
            truncate_wal(raw.driver_connection, database)
        except sqlite3.Error:
            _log.exception("truncating SQLite's write-ahead log failed")
        finally:
            raw.close()
