"""The statements that take the database most of its time, from PostgreSQL's pg_stat_statements."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.models.common.base import db

SHOWN = 10
_MAX_TEXT = 300
# Of this database only; the text has parameters instead of values.
_INSTALLED = text("SELECT 1 FROM pg_extension WHERE extname = 'pg_stat_statements'")
_SLOWEST = text(
    "SELECT left(query, :length) AS query, calls, total_exec_time AS total,"
    " mean_exec_time AS mean, max_exec_time AS longest FROM pg_stat_statements"
    " WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND calls > 0 ORDER BY total_exec_time DESC LIMIT :shown"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """total, mean, longest: milliseconds."""

    query: str
    calls: int
    total: float
    mean: float
    longest: float


@dataclass(frozen=True, slots=True)
class Slowest:
    """problem: why there are no statements: `sqlite`, `not_installed`, or `not_readable` (the
    extension is installed, but not loaded by the server, or not for this user); "" if there are
    some."""

    statements: tuple[Statement, ...]
    problem: str = ""


def slowest() -> Slowest:
    """By the time that all their calls took together."""
    if db.engine.dialect.name != "postgresql":
        return Slowest((), "sqlite")
    if db.session.execute(_INSTALLED).first() is None:
        return Slowest((), "not_installed")
    try:
        # A failure must not end the transaction of the page.
        with db.session.begin_nested():
            rows = db.session.execute(_SLOWEST, {"length": _MAX_TEXT, "shown": SHOWN}).all()
    except SQLAlchemyError:
        return Slowest((), "not_readable")
    statements = (Statement(" ".join(row.query.split()), *row[1:]) for row in rows)
    return Slowest(tuple(statements))
