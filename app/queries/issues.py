"""Issues: failed deliveries by webhook and cause, read from one index with bounded cost."""

from dataclasses import dataclass

from sqlalchemy import Select, Text, and_, case, cast, func, literal, or_, select

from app.domain.common.ids import canonical_id
from app.domain.deliveries.causes import REDIRECT, STATUS
from app.models import Acknowledgement, Attempt, Delivery, Webhook
from app.models.common.base import db
from app.models.deliveries import IS_FAILED

# The newest failed deliveries that are examined (a millisecond for a thousand), and the issues
# that are shown.
EXAMINED = 3_000
SHOWN = 100
# The status tells issues apart only if the response itself was the failure.
_BY_STATUS = (STATUS, REDIRECT)


@dataclass(frozen=True, slots=True)
class Issue:
    """Failed deliveries of one webhook for one cause. Times are milliseconds since the epoch.

    webhook: may be deleted, or a callback target. status: of the response; None where it does not
    matter. number: of all; fresh: of those that are not acknowledged, since `since`. last: when the
    latest delivery failed. detail: of one of them, in plain words.
    """

    webhook: Webhook
    cause: str
    status: int | None
    number: int
    fresh: int
    since: int
    last: int
    newest_id: str
    detail: str
    acknowledged: Acknowledgement | None


@dataclass(frozen=True, slots=True)
class Issues:
    """Latest first. is_all: every failed delivery was examined, and every issue is here."""

    groups: list[Issue]
    is_all: bool

    @property
    def open(self) -> list[Issue]:
        return [group for group in self.groups if group.fresh]

    @property
    def acknowledged(self) -> list[Issue]:
        return [group for group in self.groups if not group.fresh]


def page(organization_id: str) -> Issues:
    rows = db.session.execute(_groups(organization_id)).all()
    shown = rows[:SHOWN]
    ids = {row.webhook_id for row in shown}
    webhooks = {
        row.id: row for row in db.session.scalars(select(Webhook).where(Webhook.id.in_(ids)))
    }
    details = _details(organization_id, [row.newest_id for row in shown])
    known = _acknowledgements(organization_id)
    groups = [
        Issue(
            webhook=webhooks[row.webhook_id],
            cause=row.cause,
            status=row.status or None,
            number=row.number,
            fresh=row.fresh,
            since=row.since,
            last=row.last,
            newest_id=row.newest_id,
            detail=details.get(row.newest_id, ""),
            acknowledged=known.get((row.webhook_id, row.cause, row.status)),
        )
        for row in shown
    ]
    examined = sum(row.number for row in rows)
    return Issues(groups, is_all=examined < EXAMINED and len(rows) <= SHOWN)


def webhook_of(organization_id: str, webhook_id: str) -> Webhook | None:
    """An existing webhook or callback target."""
    conditions = (Webhook.organization_id == organization_id, Webhook.deleted_at.is_(None))
    return db.session.scalar(
        select(Webhook).where(Webhook.id == canonical_id(webhook_id), *conditions)
    )


def _newest(organization_id: str) -> Select[tuple[str, str, str, int, int]]:
    cause = func.coalesce(Delivery.last_cause, "").label("cause")
    by_status = case((cause.in_(_BY_STATUS), func.coalesce(Delivery.last_status, 0)), else_=0)
    return (
        select(
            Delivery.id,
            Delivery.webhook_id,
            cause,
            by_status.label("status"),
            Delivery.updated_at,
        )
        .where(Delivery.organization_id == organization_id, IS_FAILED, Delivery.is_test.is_(False))
        .order_by(Delivery.id.desc())
        .limit(EXAMINED)
    )


def _groups(organization_id: str) -> Select[tuple[str, str, int, int, int, int, int, str]]:
    failed = _newest(organization_id).subquery().c
    known = and_(
        Acknowledgement.organization_id == organization_id,
        Acknowledgement.webhook_id == failed.webhook_id,
        Acknowledgement.cause == failed.cause,
        Acknowledgement.status == failed.status,
    )
    is_fresh = or_(Acknowledgement.at.is_(None), failed.updated_at > Acknowledgement.at)
    first_fresh = func.min(case((is_fresh, failed.updated_at)))
    last = func.max(failed.updated_at)
    return (
        select(
            failed.webhook_id,
            failed.cause,
            failed.status,
            func.count().label("number"),
            func.sum(case((is_fresh, literal(1)), else_=0)).label("fresh"),
            func.coalesce(first_fresh, func.min(failed.updated_at)).label("since"),
            last.label("last"),
            # PostgreSQL has no max(uuid); the maximum text is the same.
            func.max(cast(failed.id, Text)).label("newest_id"),
        )
        .select_from(failed.id.table.outerjoin(Acknowledgement, known))
        .group_by(failed.webhook_id, failed.cause, failed.status)
        .order_by(last.desc())
    )


def _details(organization_id: str, delivery_ids: list[str]) -> dict[str, str]:
    """{delivery id: detail of its last attempt}"""
    rows = db.session.execute(
        select(Attempt.delivery_id, Attempt.detail)
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .where(
            Attempt.organization_id == organization_id,
            Attempt.delivery_id.in_(delivery_ids),
            Attempt.number == Delivery.attempts,
        )
    )
    return {row[0]: row[1] for row in rows}


def _acknowledgements(organization_id: str) -> dict[tuple[str, str, int], Acknowledgement]:
    statement = select(Acknowledgement).where(Acknowledgement.organization_id == organization_id)
    rows = db.session.scalars(statement)
    return {(row.webhook_id, row.cause, row.status): row for row in rows}
