"""Find rows that do not fit together. Each statement sees all rows as of one moment, so what it
finds is no race."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, and_, exists, func, select, text
from sqlalchemy.orm import aliased

from app.domain.deliveries.states import PENDING, RETRYING
from app.models import Delivery, Due, Worker
from app.models.common.base import db

Statement = Select[*tuple[Any, ...]]

_IS_OPEN = Delivery.state.in_((PENDING, RETRYING))


def lost_deliveries() -> Statement:
    """(organization id, delivery id): open, and not in the due queue."""
    queued = exists().where(Due.delivery_id == Delivery.id)
    return select(Delivery.organization_id, Delivery.id).where(_IS_OPEN, ~queued)


def stray_rows() -> Statement:
    """(id, webhook id, ordering key) of due rows whose delivery has ended, or does not exist."""
    open_one = exists().where(Delivery.id == Due.delivery_id, _IS_OPEN)
    return select(Due.id, Due.webhook_id, Due.ordering_key).where(~open_one)


def claims_of_nobody() -> Statement:
    """(id, worker id) of claims of workers that are not registered."""
    registered = exists().where(Worker.id == Due.claimed_by)
    return select(Due.id, Due.claimed_by).where(Due.claimed_by.is_not(None), ~registered)


def headless_keys() -> Statement:
    """(webhook id, ordering key) of which no delivery may be sent."""
    other = aliased(Due)
    head = exists().where(
        and_(other.webhook_id == Due.webhook_id, other.ordering_key == Due.ordering_key),
        other.head,
    )
    keys = select(Due.webhook_id, Due.ordering_key).where(Due.ordering_key.is_not(None), ~head)
    return keys.distinct()


def hidden_rows() -> Statement:
    """(id) of due rows without an ordering key that are never sent."""
    return select(Due.id).where(Due.ordering_key.is_(None), Due.head.is_(False))


def rows(statement: Statement, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    return db.session.execute(statement.limit(limit)).all()


def number(statement: Statement) -> int:
    return db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def table_sizes() -> dict[str, int]:
    """Rows of each table."""
    tables = db.metadata.sorted_tables
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in tables
    }


def database_bytes() -> int:
    if db.engine.dialect.name == "sqlite":
        pages = db.session.scalar(text("PRAGMA page_count")) or 0
        return pages * (db.session.scalar(text("PRAGMA page_size")) or 0)
    return db.session.scalar(text("SELECT pg_database_size(current_database())")) or 0
