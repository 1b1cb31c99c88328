"""Many rows in one statement, past the ORM and past SQLAlchemy's work for each value.

Values are bound as the driver takes them: text, numbers, bytes, None. JSON is not for here.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session, scoped_session

Row = Sequence[Any]
Opened = Session | scoped_session[Session]

_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


def insert(session: Opened, table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    """rows: values in the order of `columns`; identities are drawn in the order of the rows."""
    if rows:
        _execute(session.connection(), table, columns, rows, "")


def insert_absent(
    session: Opened, table: Table, columns: tuple[str, ...], rows: Sequence[Row], returning: str
) -> set[Any]:
    """Leave out what is there already (also through a transaction that commits meanwhile, which
    this one then waits for). The values of the column `returning` of what was put in."""
    if not rows:
        return set()
    connection = session.connection()
    tail = f" ON CONFLICT DO NOTHING RETURNING {returning}"
    if connection.dialect.name == "postgresql":
        return _execute(connection, table, columns, rows, tail)
    statement = f"{_insert_values(table, columns)}{tail}"
    driver: Any = connection.connection.driver_connection
    found = (driver.execute(statement, tuple(row)).fetchone() for row in rows)
    return {made[0] for made in found if made is not None}


def _execute(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Row], tail: str
) -> set[Any]:
    if connection.dialect.name != "postgresql":
        connection.exec_driver_sql(_insert_values(table, columns), [tuple(row) for row in rows])
        return set()
    arrays = tuple(list(column) for column in zip(*rows, strict=True))
    result = connection.exec_driver_sql(_insert_arrays(table, columns) + tail, arrays)
    return {_as_text(made[0]) for made in result.fetchall()} if tail else set()


def _as_text(value: Any) -> Any:
    """Ids come back from PostgreSQL's driver as UUID objects."""
    return value if isinstance(value, int) else str(value)


@lru_cache(maxsize=64)
def _insert_values(table: Table, columns: tuple[str, ...]) -> str:
    marks = ", ".join("?" for _ in columns)
    # Names of our own tables and columns; no value is ever part of the text.
    return f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608


@lru_cache(maxsize=64)
def _insert_arrays(table: Table, columns: tuple[str, ...]) -> str:
    """One array for each column: one statement, one round trip, prepared once whatever the number
    of rows."""
    arrays = ", ".join(f"%s::{_type(table, name)}[]" for name in columns)
    names = ", ".join(columns)
    return (
        f"INSERT INTO {table.name} ({names})"  # noqa: S608  (as above)
        f" SELECT {names} FROM unnest({arrays}) WITH ORDINALITY AS given({names}, place)"
        " ORDER BY place"
    )


def _type(table: Table, name: str) -> str:
    compiled: str = table.c[name].type.compile(_POSTGRESQL)
    return compiled.partition("(")[0]
