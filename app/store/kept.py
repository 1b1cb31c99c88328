"""A database connection that one thread keeps from transaction to transaction."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from app.store.connections import truncate_wal, wal_is_large
from app.store.direct import DIRECT, driver_of


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

    @contextmanager
    def write_transaction(self) -> Iterator[Connection]:
        with self._locked(), self._opened(writes=True) as connection:
            # Not left to the first statement: that may bypass SQLAlchemy.
            connection.begin()
            yield connection
            connection.commit()
            if self.is_sqlite:
                self._truncate_wal(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._opened(writes=False) as connection:
            driver: Any = driver_of(connection)
            if not self.is_sqlite:
                # Spares two round trips: BEGIN and ROLLBACK.
                driver.autocommit = True
            yield connection
            connection.rollback()
            if not self.is_sqlite:
                driver.autocommit = False

    def close(self) -> None:
        """Idempotent; the next transaction opens another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    @contextmanager
    def _opened(self, *, writes: bool) -> Iterator[Connection]:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(**{DIRECT: True})
        try:
            yield self._connection.execution_options(writes=writes)
        except BaseException:
            self.close()
            raise

    def _truncate_wal(self, connection: Connection) -> None:
        if not wal_is_large(self._database):
            return
        # The commit succeeded: a log that is truncated later instead is not an error.
        with contextlib.suppress(sqlite3.Error, DBAPIError):
            truncate_wal(driver_of(connection), self._database)
