"""Acknowledgements of issues, and which failures they cover."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, not_, or_, select

from app.domain.issues import coverage
from app.models import Acknowledgement, WebhookState
from app.models.common.base import db
from app.queries.common.moments import Moment


def by_issue(organization_id: str) -> dict[tuple[str, str, int], Acknowledgement]:
    statement = select(Acknowledgement).where(Acknowledgement.organization_id == organization_id)
    rows = db.session.scalars(statement)
    return {(row.webhook_id, row.cause, row.status): row for row in rows}


def number(organization_id: str) -> int:
    own = Acknowledgement.organization_id == organization_id
    return db.session.scalar(select(func.count()).where(own)) or 0


def is_fresh(failed_at: ColumnElement[int], now: int) -> ColumnElement[bool]:
    """Whether no acknowledgement covers a failure of that time."""
    lasts, at = Acknowledgement.lasts, Acknowledgement.at
    # Stored soon after the first success; until then that is the last one.
    ended = func.coalesce(Acknowledgement.until, WebhookState.last_success_at, 0)
    covered = or_(
        failed_at <= at,
        and_(lasts == coverage.TIME, Acknowledgement.until > now),
        and_(lasts == coverage.RESOLVED, or_(ended <= at, failed_at <= ended)),
    )
    return or_(at.is_(None), not_(covered))


# When deliveries to the webhook of an acknowledgement last succeeded.
LAST_SUCCESS = (
    select(WebhookState.last_success_at)
    .where(WebhookState.webhook_id == Acknowledgement.webhook_id)
    .correlate(Acknowledgement)
    .scalar_subquery()
)
# It lasts until deliveries succeed, which they have done, and that is not noted yet.
IS_OUTLASTED = and_(
    Acknowledgement.lasts == coverage.RESOLVED,
    Acknowledgement.until.is_(None),
    Acknowledgement.at < LAST_SUCCESS,
)


def outlasted(_: Moment) -> Select[Any]:
    return select(literal(1)).select_from(Acknowledgement).where(IS_OUTLASTED)
