"""What a round of data retention deletes next."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.models import Delivery, Organization, RetentionMark
from app.models.common.base import db
from app.queries.maintenance.tasks import WEIGHT, ExpiredEvent, batch


def longest_due(now: int) -> Any:
    """A row, or None: the mark of the organization that is due longest, with the organization's own
    settings."""
    return db.session.execute(
        select(
            RetentionMark.organization_id,
            RetentionMark.events_after,
            RetentionMark.payloads_after,
            RetentionMark.held_after,
            Organization.deleted_at,
            Organization.retention_days,
            Organization.payload_days,
        )
        .join(Organization, Organization.id == RetentionMark.organization_id)
        .where(RetentionMark.next_at <= now)
        .order_by(RetentionMark.next_at)
        .limit(1)
    ).first()


def deliveries_of(event_ids: Sequence[str]) -> tuple[list[str], bool]:
    """Ids of as many deliveries as one transaction deletes, and whether these are all."""
    rows = db.session.execute(
        select(Delivery.id, Delivery.attempts)
        .where(Delivery.event_id.in_(event_ids))
        .limit(WEIGHT + 1)
    ).all()
    ids = batch([ExpiredEvent(row[0], 1 + row[1]) for row in rows])
    return ids, len(ids) == len(rows)
