"""Return the space of deleted rows to the disk."""

from typing import Any

from sqlalchemy import text

from app.models.common.base import db
from app.queries.maintenance import consistency as queries
from app.runtime.context import runtime


def compact() -> tuple[int, int]:
    """Bytes of the database before and after."""
    before = queries.database_bytes()
    db.session.rollback()
    with runtime().write_lock.held():
        if db.engine.dialect.name == "sqlite":
            _compact_sqlite()
        else:
            connection = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            with connection:
                connection.execute(text("VACUUM (ANALYZE)"))
    return before, queries.database_bytes()


def _compact_sqlite() -> None:
    """Past SQLAlchemy, which begins a transaction first."""
    raw = db.engine.raw_connection()
    try:
        connection: Any = raw.driver_connection
        connection.execute("VACUUM")
        connection.execute("ANALYZE")
    finally:
        raw.close()
