"""The worker's own connection to the ledger, and its transactions."""

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from app.runtime.settings import Settings
from app.store.connections import WriteLock, configure, log_is_large, tidy_log


def open_engine(settings: Settings) -> Engine:
    """One connection. A commit of a worker may be lost in a crash of the database: what it had
    recorded is then sent again, with the same id."""
    engine = create_engine(settings.database_url, poolclass=QueuePool, pool_size=1, max_overflow=0)
    configure(engine, durable=False)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "do_connect", _postgresql_options)
        event.listen(engine, "connect", _postgresql_connect)
    return engine


# A server that is gone without a word is given up in seconds; the URL may say otherwise.
_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def _postgresql_options(
    _dialect: object, _record: object, _arguments: object, options: dict[str, Any]
) -> None:
    for name, value in _PATIENCE.items():
        options.setdefault(name, value)


def _postgresql_connect(connection: Any, _record: object) -> None:
    from psycopg.types.string import TextLoader

    # Ids are text here; making UUID objects of them costs more than reading the row.
    connection.adapters.register_loader("uuid", TextLoader)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
        # A worker that is stopped within a transaction holds locks: the others, who may wait for
        # them, must not be taken for dead meanwhile (roll.SILENT_SECONDS).
        cursor.execute("SET idle_in_transaction_session_timeout TO '5s'")
        cursor.execute("SET lock_timeout TO '8s'")
    connection.commit()


class Store:
    """`writing` and `reading` give a connection for one transaction."""

    def __init__(self, settings: Settings, lock: WriteLock) -> None:
        self._engine = open_engine(settings)
        self._lock = lock
        self.is_sqlite = settings.is_sqlite

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._lock.held(), self._opened(writes=True) as connection:
            yield connection
            connection.commit()
            self._tidy(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._opened(writes=False) as connection:
            yield connection

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _opened(self, *, writes: bool) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            yield connection.execution_options(writes=writes)

    def _tidy(self, connection: Connection) -> None:
        database = self._engine.url.database
        if not self.is_sqlite or not database or not log_is_large(Path(database)):
            return
        # After the commit: a log that stays long until the next time is no failure of this one.
        with contextlib.suppress(sqlite3.Error, DBAPIError):
            tidy_log(connection.connection.driver_connection, Path(database))
