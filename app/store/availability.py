"""Notice when the database of an engine stops working, and when it works again."""

import sys
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from app.runtime.database_state import DatabaseDown, DatabaseState
from app.runtime.write_lock import WriteLockBusy

# Primary result codes of SQLite: busy, locked, read-only, I/O error, full; cannot open.
_SQLITE_WRITES, _SQLITE_ALL = frozenset({5, 6, 8, 10, 13}), frozenset({14})
# SQLSTATEs: read-only transaction, disk full.
_PG_WRITES = frozenset({"25006", "53100"})
# Shutdown, crash, starting up; with all connection exceptions (class 08).
_PG_ALL = frozenset({"57P01", "57P02", "57P03"})


def watch(engine: Engine, state: DatabaseState) -> None:
    """Refuse connections of `engine` with OperationalError while its database does not work."""

    def admit(*_: object) -> None:
        try:
            state.admit()
        except DatabaseDown as error:
            raise unavailable(error) from error

    def note_error(context: ExceptionContext) -> BaseException | None:
        extent = _extent(context.original_exception)
        if extent is None:
            return None
        state.failed(_first_line(context.original_exception), is_total=extent == "all")
        # psycopg calls some of these errors internal ones.
        is_known = isinstance(context.sqlalchemy_exception, OperationalError | InterfaceError)
        return None if is_known else unavailable(context.original_exception)

    def checkin(connection: Any, _record: object) -> None:
        if state.problem is not None and connection is not None:
            state.worked(wrote=False)

    event.listen(engine, "checkout", admit)
    event.listen(engine, "do_connect", admit)
    event.listen(engine, "handle_error", note_error, retval=True)
    event.listen(engine, "checkin", checkin)


def note(state: DatabaseState, error: BaseException) -> None:
    """For errors of the driver itself, of which `watch` hears nothing."""
    extent = None if isinstance(error, DBAPIError) else _extent(error)
    if extent is not None:
        state.failed(_first_line(error), is_total=extent == "all")


def is_reported(error: BaseException) -> bool:
    """Whether the state has logged an error of SQLAlchemy or of the driver, once for many."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(original, DatabaseDown | WriteLockBusy) or _extent(original) is not None


def _extent(error: BaseException | None) -> str | None:
    """`all` or `writes`: what does not work; None: the error says nothing about others."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        primary = code & 0xFF
        return "all" if primary in _SQLITE_ALL else "writes" if primary in _SQLITE_WRITES else None
    # Loaded with the first connection to PostgreSQL; importing it here would slow every start.
    psycopg = sys.modules.get("psycopg")
    if psycopg is None or not isinstance(error, psycopg.Error):
        return None
    state = error.sqlstate
    if state is None:
        return "all" if isinstance(error, psycopg.OperationalError) else None
    if state in _PG_ALL or state.startswith("08"):
        return "all"
    return "writes" if state in _PG_WRITES else None


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def unavailable(error: BaseException) -> OperationalError:
    return OperationalError(None, None, error)
