"""Prepare database connections, and truncate SQLite's write-ahead log."""

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

from app.store.direct import driver_of, execute

# Above this a writer truncates the log; a long reader starves SQLite's own checkpoints.
WAL_LIMIT_BYTES = 8 << 20


# How long SQLite waits for a lock that another program holds.
BUSY_SECONDS = 10.0


def configure(engine: Engine, *, durable: bool, busy_seconds: float = BUSY_SECONDS) -> None:
    """Prepare each connection of `engine`. durable: a commit reaches the disk before it returns.
    Workers do without on SQLite: a lost result only repeats an attempt."""
    if engine.dialect.name == "sqlite":
        synchronous = "FULL" if durable else "NORMAL"
        event.listen(engine, "connect", _sqlite_connect(synchronous, busy_seconds))
        event.listen(engine, "begin", _sqlite_begin)
    else:
        # psycopg is slow to import, and SQLite needs none.
        from app.store.postgresql import connect_bounded

        connect_bounded(engine)


def _sqlite_connect(synchronous: str, busy_seconds: float) -> Any:
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            f"busy_timeout={int(busy_seconds * 1000)}",
            "foreign_keys=ON",
            "wal_autocheckpoint=0",
            "cache_size=-16000",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return connect


def _sqlite_begin(connection: Connection) -> None:
    if driver_of(connection).in_transaction:
        # Begun by the owner of a KeptConnection.
        return
    writes = connection.get_execution_options().get("writes", False)
    execute(connection, "BEGIN IMMEDIATE" if writes else "BEGIN")


def wal_is_large(database: Path) -> bool:
    """Whether SQLite's write-ahead log should be truncated."""
    try:
        # At each commit, where a Path costs more than the call.
        return os.stat(f"{database}-wal").st_size > WAL_LIMIT_BYTES  # noqa: PTH116
    except FileNotFoundError:
        return False


def truncate_wal(connection: Any, database: Path) -> None:
    """Truncate SQLite's write-ahead log if it is large. Call it under the write lock, outside a
    transaction. connection: the driver's own. Does nothing while a reader blocks it."""
    if wal_is_large(database):
        [usual] = connection.execute("PRAGMA busy_timeout").fetchone()
        connection.execute("PRAGMA busy_timeout=0")
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.execute(f"PRAGMA busy_timeout={usual}")
