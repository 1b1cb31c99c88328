"""The queue of open deliveries with one ordering key."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from app.models import Due
from app.models.common.base import db

# Counting stops here.
COUNTED = 1000


@dataclass(frozen=True, slots=True)
class OrderingQueue:
    """A delivery's position. head_id: of the next delivery to send. ahead, behind: how many wait
    before and after it, COUNTED at most."""

    key: str
    head_id: str | None
    ahead: int
    behind: int


def ordering_queue(organization_id: str, delivery_id: str) -> OrderingQueue | None:
    """None unless the delivery is open and its webhook is ordered."""
    own = db.session.execute(
        select(Due.id, Due.webhook_id, Due.ordering_key).where(
            Due.delivery_id == delivery_id,
            Due.organization_id == organization_id,
            Due.ordering_key.is_not(None),
        )
    ).one_or_none()
    if own is None:
        return None
    same = (Due.webhook_id == own.webhook_id, Due.ordering_key == own.ordering_key)
    return OrderingQueue(
        key=own.ordering_key,
        head_id=db.session.scalar(select(Due.delivery_id).where(*same, Due.head)),
        ahead=_count(select(Due.id).where(*same, Due.id < own.id)),
        behind=_count(select(Due.id).where(*same, Due.id > own.id)),
    )


def _count(statement: Select[Any]) -> int:
    return (
        db.session.scalar(select(func.count()).select_from(statement.limit(COUNTED).subquery()))
        or 0
    )
