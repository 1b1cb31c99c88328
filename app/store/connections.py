"""Prepare database connections, and truncate SQLite's write-ahead log."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

# Above this a writer truncates the log; SQLite's own checkpoints starve beside a long reader.
WAL_LIMIT_BYTES = 8 << 20


def configure(engine: Engine, *, durable: bool) -> None:
    """Prepare each connection of `engine`. durable: a commit is on the disk before it returns
    (ingest); a worker may do without on SQLite, since a record that is lost is a repeat."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect("FULL" if durable else "NORMAL"))
        event.listen(engine, "begin", _sqlite_begin)


def _sqlite_connect(synchronous: str) -> Any:
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "busy_timeout=10000",
            "foreign_keys=ON",
            "wal_autocheckpoint=0",
            "cache_size=-16000",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return connect


def _sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def wal_is_large(database: Path) -> bool:
    """Whether SQLite's log has grown so far that it should be truncated."""
    try:
        return Path(f"{database}-wal").stat().st_size > WAL_LIMIT_BYTES
    except FileNotFoundError:
        return False


def truncate_wal(connection: Any, database: Path) -> None:
    """Truncate SQLite's log when it has grown; call it under the lock, outside a transaction.
    `connection` is the driver's own. A reader in the way makes it a no-op until the next time."""
    if wal_is_large(database):
        connection.execute("PRAGMA busy_timeout=0")
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.execute("PRAGMA busy_timeout=10000")
