"""What platform owners see of workers and the due queue, at bounded cost."""

from dataclasses import dataclass

from sqlalchemy import func, select

from app.models import Due, Organization, Webhook, Worker
from app.models.common.base import db
from app.queries.health import BACKLOG_COUNTED

# Workers, and webhooks with a backlog, that are shown.
SHOWN = 50
LARGEST = 10


@dataclass(frozen=True, slots=True)
class RunningWorker:
    """claimed: deliveries that it is sending, or has claimed to send next."""

    worker: Worker
    claimed: int


@dataclass(frozen=True, slots=True)
class WebhookBacklog:
    """due: deliveries that are due and not claimed, of the first BACKLOG_COUNTED of the queue."""

    webhook_id: str
    name: str
    url: str
    organization_id: str
    organization: str
    is_active: bool
    due: int


def workers() -> list[RunningWorker]:
    """Oldest first."""
    claimed = (
        select(func.count()).where(Due.claimed_by == Worker.id).correlate(Worker).scalar_subquery()
    )
    statement = select(Worker, claimed).order_by(Worker.id).limit(SHOWN)
    return [RunningWorker(row[0], row[1]) for row in db.session.execute(statement)]


def backlog_by_webhook(now: int) -> list[WebhookBacklog]:
    """The largest first. now: milliseconds."""
    first = (
        select(Due.webhook_id, Due.next_at)
        .where(Due.claimed_by.is_(None), Due.head)
        .order_by(Due.id)
        .limit(BACKLOG_COUNTED)
        .subquery()
    )
    number = func.count().label("number")
    counted = (
        select(first.c.webhook_id, number)
        .where(first.c.next_at <= now)
        .group_by(first.c.webhook_id)
        .order_by(number.desc(), first.c.webhook_id)
        .limit(LARGEST)
        .subquery()
    )
    rows = db.session.execute(
        select(Webhook, Organization.name, counted.c.number)
        .join(counted, counted.c.webhook_id == Webhook.id)
        .join(Organization, Organization.id == Webhook.organization_id)
        .order_by(counted.c.number.desc(), Webhook.id)
    )
    return [
        WebhookBacklog(
            row.id, row.name, row.url, row.organization_id, organization, row.is_active, due
        )
        for row, organization, due in rows
    ]
