"""A delivery's attempts, for a page: the line of each, and one of them whole."""

from sqlalchemy import select
from sqlalchemy.orm import defer

from app.domain.common.ids import canonical_id
from app.models import Attempt
from app.models.base import db
from app.queries.common.scans import Condition

# Of one delivery this many are shown at once: each can keep 64 KiB of an answer.
SHOWN = 50


def summaries(organization_id: str, delivery_id: str, below: int | None = None) -> list[Attempt]:
    """The last SHOWN of them, or of those with a number below `below`, the first one first and
    without what went over the wire."""
    found = select(Attempt).where(*_own(organization_id, delivery_id))
    if below is not None:
        found = found.where(Attempt.number < below)
    wire = (Attempt.request_head, Attempt.response_head, Attempt.response_body)
    newest = found.options(*(defer(column) for column in wire)).order_by(Attempt.number.desc())
    fresh = newest.limit(SHOWN)
    return list(db.session.scalars(fresh))[::-1]


def get(organization_id: str, delivery_id: str, number: int) -> Attempt | None:
    found = select(Attempt).where(*_own(organization_id, delivery_id), Attempt.number == number)
    return db.session.scalar(found)


def _own(organization_id: str, delivery_id: str) -> tuple[Condition, ...]:
    return (
        Attempt.delivery_id == canonical_id(delivery_id),
        Attempt.organization_id == organization_id,
    )
