"""A delivery's attempts: summaries for a page, or one in full."""

from sqlalchemy import select
from sqlalchemy.orm import defer

from app.domain.common.ids import canonical_id
from app.models import Attempt, Resend
from app.models.common.base import db
from app.queries.common.scans import Condition

# Shown at once; each can have 64 KiB of response body.
SHOWN = 50


def summaries(organization_id: str, delivery_id: str, below: int | None = None) -> list[Attempt]:
    """The last SHOWN attempts, or those before number `below`, oldest first, without headers and
    bodies."""
    statement = select(Attempt).where(*_own(organization_id, delivery_id))
    if below is not None:
        statement = statement.where(Attempt.number < below)
    large = (Attempt.stored_head, Attempt.response_head, Attempt.response_body)
    newest = statement.options(*(defer(column) for column in large)).order_by(Attempt.number.desc())
    fresh = newest.limit(SHOWN)
    return list(db.session.scalars(fresh))[::-1]


def resends(organization_id: str, delivery_id: str) -> dict[int, Resend]:
    """{number of the attempt that followed, or will: who resent it}, of the latest SHOWN."""
    statement = (
        select(Resend)
        .where(
            Resend.delivery_id == canonical_id(delivery_id),
            Resend.organization_id == organization_id,
        )
        .order_by(Resend.number.desc())
    )
    return {row.number: row for row in db.session.scalars(statement.limit(SHOWN))}


def get(organization_id: str, delivery_id: str, number: int) -> Attempt | None:
    statement = select(Attempt).where(*_own(organization_id, delivery_id), Attempt.number == number)
    return db.session.scalar(statement)


def _own(organization_id: str, delivery_id: str) -> tuple[Condition, ...]:
    return (
        Attempt.delivery_id == canonical_id(delivery_id),
        Attempt.organization_id == organization_id,
    )
