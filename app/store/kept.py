"""A database connection that one thread keeps from transaction to transaction."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from app.store.connections import truncate_wal, wal_is_large
from app.store.direct import DIRECT, driver_of

# Between two looks at the size of SQLite's log.
_LOOK_SECONDS = 0.1


class KeptConnection:
    """Opened when it is first needed; after any error the next transaction gets a new one. Each
    statement of a `reading` sees what is committed by then. Statements of `store.direct` raise the
    driver's own errors.

    locked: held while a transaction writes."""

    def __init__(self, engine: Engine, locked: Callable[[], AbstractContextManager[None]]) -> None:
        self._engine, self._locked = engine, locked
        self._connection: Connection | None = None
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._database = Path(engine.url.database or "")
        # When to look at the size of SQLite's log again (monotonic).
        self._look_at = float("-inf")

    @contextmanager
    def write_transaction(self) -> Iterator[Connection]:
        """SQLAlchemy takes part from the first statement on that goes through it, or not at all:
        its own beginning and end of a transaction cost as much as the statements."""
        with self._locked():
            connection = self._opened()
            try:
                if self.is_sqlite:
                    driver_of(connection).execute("BEGIN IMMEDIATE")
                yield connection
                _commit(connection)
                if self.is_sqlite:
                    self._truncate_wal(connection)
            except BaseException:
                self.close()
                raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        connection = self._opened()
        try:
            driver: Any = driver_of(connection)
            if not self.is_sqlite:
                # Spares two round trips: BEGIN and ROLLBACK.
                driver.autocommit = True
            yield connection
            # Also what waits to be sent, so that the next transaction begins by itself.
            (connection if connection.in_transaction() else driver).rollback()
            if not self.is_sqlite:
                driver.autocommit = False
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Idempotent; the next transaction opens another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _opened(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(**{DIRECT: True})
            try:
                if not self.is_sqlite:
                    _plan_once(driver_of(self._connection))
            except BaseException:
                self.close()
                raise
        return self._connection

    def _truncate_wal(self, connection: Connection) -> None:
        clock = time.monotonic()
        if clock < self._look_at:
            return
        self._look_at = clock + _LOOK_SECONDS
        if not wal_is_large(self._database):
            return
        # The commit succeeded: a log that is truncated later instead is not an error.
        with contextlib.suppress(sqlite3.Error, DBAPIError):
            truncate_wal(driver_of(connection), self._database)


def _plan_once(driver: Any) -> None:
    """Left to itself PostgreSQL plans statements with arrays anew each time, which costs more than
    executing them for one event. A plan that is kept must not be one for the small tables of a new
    installation: all of these statements find their rows by an index."""
    with driver.cursor() as cursor:
        cursor.execute("SET plan_cache_mode TO force_generic_plan")
        for method in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"):
            cursor.execute(f"SET {method} TO off")
    driver.commit()


def _commit(connection: Connection) -> None:
    if connection.in_transaction():
        connection.commit()
    else:
        driver_of(connection).commit()
