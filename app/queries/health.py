"""What the ledger says of the product itself, at a cost that does not grow with it."""

from dataclasses import dataclass

from sqlalchemy import func, select, text

from app.models import Due, Worker
from app.models.base import db

# A backlog beyond this is said to be this many: counting further helps nobody and costs.
BACKLOG_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """Deliveries that are due and that nobody has claimed; count: at most BACKLOG_COUNTED."""

    count: int
    oldest_age_ms: int


def is_reachable() -> bool:
    """True, or whatever the driver raises."""
    return bool(db.session.execute(text("SELECT 1")).scalar())


def worker_seen_at() -> int | None:
    """When a worker last wrote its heartbeat, milliseconds; None: there is none."""
    return db.session.scalar(select(func.max(Worker.seen_at)))


def backlog(now: int) -> Backlog:
    """The first BACKLOG_COUNTED open rows, in the order of acceptance, are examined: the oldest is
    among them unless it was put off by a retry."""
    first = (
        select(Due.next_at)
        .where(Due.claimed_by.is_(None), Due.head)
        .order_by(Due.id)
        .limit(BACKLOG_COUNTED)
        .subquery()
    )
    count, oldest = db.session.execute(
        select(func.count(), func.min(first.c.next_at)).where(first.c.next_at <= now)
    ).one()
    return Backlog(count, 0 if oldest is None else max(0, now - oldest))
