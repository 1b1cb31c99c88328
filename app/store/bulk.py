"""Many rows of several tables at once, past the ORM and past SQLAlchemy's work for each value.

Values are bound as the driver takes them: text, numbers, bytes, None; a JSON document is given as
its text.
On PostgreSQL all tables go in one statement, and so one round trip; the rows travel as one JSON
text for each table, which costs the client a third of what arrays of each column do (12 against
19 us an event with its delivery, executemany 42).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import JSON, Connection, LargeBinary, Table
from sqlalchemy.dialects import postgresql

from app.store.sessions import Executor

Row = Sequence[Any]

_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Shape:
    """Columns of a table that are given for each row, in this order."""

    table: Table
    columns: tuple[str, ...]

    @property
    def names(self) -> str:
        return ", ".join(self.columns)

    def is_bytes(self, name: str) -> bool:
        return isinstance(self.table.c[name].type, LargeBinary)

    def is_document(self, name: str) -> bool:
        return isinstance(self.table.c[name].type, JSON)


def insert(session: Executor, *given: tuple[Shape, Sequence[Row]]) -> None:
    """Pairs of a shape and its rows, in the order in which foreign keys want them. Identities are
    drawn in the order of the rows."""
    parts = [(shape, rows) for shape, rows in given if rows]
    if not parts:
        return
    connection = _connection(session)
    if _is_postgresql(connection):
        shapes = tuple(shape for shape, _ in parts)
        values = [value for shape, rows in parts for value in _bound(shape, rows)]
        connection.exec_driver_sql(_insert_documents(shapes), tuple(values))
        return
    for shape, rows in parts:
        connection.exec_driver_sql(_insert_values(shape), list(rows))


def insert_absent(session: Executor, shape: Shape, rows: Sequence[Row], returning: str) -> set[Any]:
    """Leave out what is there already (also through a transaction that commits meanwhile, which
    this one then waits for). The values of the column `returning` of what was put in."""
    if not rows:
        return set()
    connection = _connection(session)
    tail = f" ON CONFLICT DO NOTHING RETURNING {returning}"
    if _is_postgresql(connection):
        statement = _insert_documents((shape,)) + tail
        result = connection.exec_driver_sql(statement, tuple(_bound(shape, rows)))
        # The driver gives ids as UUID objects.
        return {str(made[0]) for made in result.fetchall()}
    statement = _insert_values(shape) + tail
    driver: Any = connection.connection.driver_connection
    found = (driver.execute(statement, row).fetchone() for row in rows)
    return {made[0] for made in found if made is not None}


def add_up(session: Executor, shape: Shape, rows: Sequence[Row], keys: Sequence[str]) -> None:
    """Put rows in; where one with these keys stands, its `value` grows by the new one's. Rows
    come in the order of their keys, so that two transactions never wait for each other."""
    if not rows:
        return
    connection = _connection(session)
    tail = f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET value = {shape.table.name}.value"
    tail += " + excluded.value"
    if _is_postgresql(connection):
        statement = _insert_documents((shape,)) + tail
        connection.exec_driver_sql(statement, tuple(_bound(shape, rows)))
    else:
        connection.exec_driver_sql(_insert_values(shape) + tail, list(rows))


def _connection(session: Executor) -> Connection:
    return session if isinstance(session, Connection) else session.connection()


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


@lru_cache(maxsize=64)
def _insert_values(shape: Shape) -> str:
    marks = ", ".join("?" for _ in shape.columns)
    # Names of our own tables and columns; no value is ever part of the text.
    return f"INSERT INTO {shape.table.name} ({shape.names}) VALUES ({marks})"  # noqa: S608


@lru_cache(maxsize=64)
def _insert_documents(shapes: tuple[Shape, ...]) -> str:
    """All but the last as parts of a WITH; the constraints are checked at the end of the whole."""
    *first, last = (_insert_document(shape) for shape in shapes)
    parts = ", ".join(f"part{n} AS ({text})" for n, text in enumerate(first))
    return f"WITH {parts} {last}" if parts else last


def _insert_document(shape: Shape) -> str:
    plain = [name for name in shape.columns if not shape.is_bytes(name)]
    binary = [name for name in shape.columns if shape.is_bytes(name)]
    record = ", ".join(f"{name} {_type(shape.table, name)}" for name in plain)
    sources = [f"json_to_recordset(%s) AS ({record})", *("unnest(%b::bytea[])" for _ in binary)]
    given = f"ROWS FROM ({', '.join(sources)}) AS given({', '.join([*plain, *binary])})"
    insert_into = f"INSERT INTO {shape.table.name} ({shape.names})"
    return f"{insert_into} SELECT {shape.names} FROM {given}"  # noqa: S608  (as above)


def _bound(shape: Shape, rows: Sequence[Row]) -> list[Any]:
    """The JSON text, then an array for each column of bytes."""
    places = [n for n, name in enumerate(shape.columns) if not shape.is_bytes(name)]
    names = [shape.columns[n] for n in places]
    documents = [dict(zip(names, [row[n] for n in places], strict=True)) for row in rows]
    for name in filter(shape.is_document, names):
        for document in documents:
            # Its text becomes a part of ours, as it stands.
            document[name] = msgspec.Raw(document[name].encode())
    arrays = [
        [row[n] for row in rows] for n, name in enumerate(shape.columns) if shape.is_bytes(name)
    ]
    return [msgspec.json.encode(documents).decode(), *arrays]


def _type(table: Table, name: str) -> str:
    compiled: str = table.c[name].type.compile(_POSTGRESQL)
    return compiled.partition("(")[0]
