"""Run frequent statements on the driver itself: SQLAlchemy costs more than the database there.

Only on a `KeptConnection`, whose owner expects the driver's errors. On other connections the same
statements go through SQLAlchemy, with its errors and events.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

# The execution option of connections whose statements bypass SQLAlchemy.
DIRECT = "direct"
# Of the DB-API: both drivers and SQLAlchemy have classes of these names.
_UNAVAILABLE = frozenset({"OperationalError", "InterfaceError", "InternalError"})


def driver_of(connection: Connection) -> Any:
    """The driver's own connection."""
    return connection.connection.driver_connection


def is_direct(connection: Connection) -> bool:
    return DIRECT in connection.get_execution_options()


def execute(connection: Connection, statement: str, parameters: Sequence[Any] = ()) -> Any:
    """Returns what has `fetchall` and `rowcount`. Parameters are marked as the driver wants them.

    A direct statement is sent to PostgreSQL with the next one whose result is read, or at the end
    of the transaction, where its error is then raised (`store.pipelining`)."""
    if is_direct(connection):
        driver = driver_of(connection)
        if connection.dialect.name == "postgresql":
            return driver.later(statement, parameters)
        return driver.execute(statement, parameters)
    return connection.exec_driver_sql(statement, tuple(parameters)).cursor


def execute_each(connection: Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Once for each of `rows`. SQLite only: elsewhere each is a round trip."""
    if is_direct(connection):
        driver_of(connection).executemany(statement, rows)
    else:
        connection.exec_driver_sql(statement, list(rows))


def is_unavailable(error: Exception) -> bool:
    """Whether an error of a driver or of SQLAlchemy is the database's rather than the program's."""
    return any(kind.__name__ in _UNAVAILABLE for kind in type(error).__mro__)


def is_refused(error: Exception) -> bool:
    """Whether PostgreSQL has said that it does not execute a statement: nothing of its transaction
    is stored. SQLite says so at the statement itself."""
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    # Not if the connection or the server ended, or if it says itself that it does not know.
    return state is not None and state != "40003" and not state.startswith(("08", "57P", "XX"))
