"""The worker's own database connection."""

from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from app.runtime.configuration.settings import Settings
from app.runtime.write_lock import WriteLock
from app.store.connections import configure
from app.store.kept import KeptConnection


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


def kept_connection(settings: Settings, lock: WriteLock) -> KeptConnection:
    """The worker's own."""
    return KeptConnection(open_engine(settings), lock.held)
