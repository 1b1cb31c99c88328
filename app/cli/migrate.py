"""Create or migrate the database tables."""

import time

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from app.domain.common.errors import CallboardError
from app.runtime import migrations
from app.runtime.configuration.settings import Settings
from app.runtime.files import create_private_directory
from app.runtime.write_lock import WriteLock, write_lock_for
from app.store.connections import configure

MIGRATIONS = migrations.DIRECTORY
# An arbitrary advisory lock id: processes that start at the same time migrate one by one.
POSTGRESQL_LOCK = 0x63_61_6C_6C
# How long to wait for a table: less than PostgreSQL's deadlock_timeout, so that never a request of
# the running release is ended by a deadlock, but the migration begins anew.
LOCK_MS = 700
ATTEMPTS, PAUSE_SECONDS = 60, 0.5
# Transactions of requests and workers begin with these. One that waits here holds nothing that the
# migration waits for.
GATES = ("organizations", "workers")
_IN_USE = frozenset({"55P03", "40P01"})  # lock not available, deadlock
_BUSY = (
    "Other transactions keep the tables from being migrated. End them (pg_stat_activity lists"
    " them), or stop the running release, and migrate again."
)


class CannotMigrate(CallboardError):
    """The database cannot hold Callboard's tables."""

    status, code, title = 503, "cannot_migrate", "The database cannot be used"


def migrate(settings: Settings) -> None:
    """Create the data directory, and create or migrate the tables in one transaction."""
    create_private_directory(settings.data_dir)
    if not settings.is_sqlite:
        check_encoding(settings.database_url)
    engine = create_engine(settings.database_url)
    configure(engine, durable=True)
    try:
        upgrade(engine, write_lock_for(settings))
    finally:
        engine.dispose()


def check_encoding(database_url: str) -> None:
    """CannotMigrate if a PostgreSQL database stores text in another encoding than UTF-8."""
    # Asked before SQLAlchemy connects, which fails on such a database with an error of its own.
    import psycopg

    url = make_url(database_url).set(drivername="postgresql")
    try:
        with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
            encoding = connection.info.parameter_status("server_encoding")
    except psycopg.OperationalError:
        # The migration reports it.
        return
    if encoding != "UTF8":
        name = url.database or "callboard"
        raise CannotMigrate(
            f"DATABASE_URL: the encoding of the database {name} is {encoding}, it must be UTF8."
            f" Create another one: createdb --encoding=UTF8 --template=template0 {name}_utf8"
        )


def upgrade(engine: Engine, lock: WriteLock) -> None:
    """Like `migrate`, on an engine that `store.connections.configure` has prepared.

    A running release may use the tables meanwhile: its transactions come first."""
    for left in reversed(range(ATTEMPTS)):
        try:
            _upgrade(engine, lock)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in _IN_USE:
                raise
            if not left:
                raise CannotMigrate(_BUSY) from error
            time.sleep(PAUSE_SECONDS)
        else:
            return


def _upgrade(engine: Engine, lock: WriteLock) -> None:
    config = alembic_config()
    with lock.held(), engine.connect() as plain:
        connection = plain.execution_options(writes=True)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({POSTGRESQL_LOCK})"))
                connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_MS}"))
                _lock_tables(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _lock_tables(connection: Connection) -> None:
    """All of them at the beginning: while the migration runs it waits for nothing."""
    known = MigrationContext.configure(connection).get_current_heads()
    if set(known) == migrations.heads(MIGRATIONS):
        return
    names = connection.scalars(
        text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    )
    quote = connection.dialect.identifier_preparer.quote
    for name in sorted(names, key=lambda name: (name not in GATES, name)):
        connection.execute(text(f"LOCK TABLE {quote(name)}"))


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
