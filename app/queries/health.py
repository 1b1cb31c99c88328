"""Health of the installation, at constant cost."""

from dataclasses import dataclass

from sqlalchemy import func, select, text

from app.models import Due, Worker
from app.models.common.base import db

# Larger backlogs are reported as this many, because counting costs.
BACKLOG_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """Deliveries that are due and not claimed. count: at most BACKLOG_COUNTED."""

    count: int
    oldest_age_ms: int


def is_reachable() -> bool:
    """True, or raises the driver's error."""
    return bool(db.session.execute(text("SELECT 1")).scalar())


def worker_seen_at() -> int | None:
    """When any worker last sent a heartbeat, in milliseconds; None: there are no workers."""
    return db.session.scalar(select(func.max(Worker.seen_at)))


def workers_since(ms: int) -> int:
    """How many workers sent a heartbeat since then."""
    return db.session.scalar(select(func.count()).where(Worker.seen_at >= ms)) or 0


def backlog(now: int) -> Backlog:
    """Examines the first BACKLOG_COUNTED rows in the order of acceptance. The oldest is among them
    unless a retry delayed it."""
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
