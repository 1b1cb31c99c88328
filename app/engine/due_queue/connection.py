"""The worker's own database connection and its transactions."""

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from app.runtime.configuration.settings import Settings
from app.runtime.write_lock import WriteLock
from app.store.connections import configure, truncate_wal, wal_is_large


def open_engine(settings: Settings) -> Engine:
    """An engine with one connection. Commits are not durable: after a crash of the database a lost
    record means that the delivery is sent again, with the same id."""
    engine = create_engine(settings.database_url, poolclass=QueuePool, pool_size=1, max_overflow=0)
    configure(engine, durable=False)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _postgresql_connect)
    return engine


def _postgresql_connect(connection: Any, _record: object) -> None:
    from psycopg.types.string import TextLoader

    # Ids are text here: building UUID objects costs more than reading the row.
    connection.adapters.register_loader("uuid", TextLoader)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        # A worker that is suspended inside a transaction holds locks. Others that wait for them
        # must not be considered dead meanwhile (worker_registry.SILENT_SECONDS).
        cursor.execute("SET idle_in_transaction_session_timeout TO '5s'")
        cursor.execute("SET lock_timeout TO '8s'")
    connection.commit()


class Store:
    """`write_transaction` and `reading` use one connection, which is opened when it is first needed
    and stays open until an error. Each statement of a `reading` sees what is committed by then."""

    def __init__(self, settings: Settings, lock: WriteLock) -> None:
        self._engine = open_engine(settings)
        self._lock = lock
        self._connection: Connection | None = None
        self.is_sqlite = settings.is_sqlite
        self._database = Path(self._engine.url.database or "")

    @contextmanager
    def write_transaction(self) -> Iterator[Connection]:
        with self._lock.held(), self._opened(writes=True) as connection:
            # Not left to the first statement: that may bypass SQLAlchemy.
            connection.begin()
            yield connection
            connection.commit()
            if self.is_sqlite:
                self._truncate_wal(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._opened(writes=False) as connection:
            driver: Any = connection.connection.driver_connection
            if not self.is_sqlite:
                # Spares two round trips: BEGIN and ROLLBACK.
                driver.autocommit = True
            yield connection
            connection.rollback()
            if not self.is_sqlite:
                driver.autocommit = False

    def close(self) -> None:
        self._disconnect()
        self._engine.dispose()

    @contextmanager
    def _opened(self, *, writes: bool) -> Iterator[Connection]:
        """After any error the next transaction gets a new connection."""
        if self._connection is None:
            self._connection = self._engine.connect()
        try:
            yield self._connection.execution_options(writes=writes)
        except BaseException:
            self._disconnect()
            raise

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _truncate_wal(self, connection: Connection) -> None:
        if not wal_is_large(self._database):
            return
        # The commit succeeded: a log that is truncated later instead is not an error.
        with contextlib.suppress(sqlite3.Error, DBAPIError):
            truncate_wal(connection.connection.driver_connection, self._database)
