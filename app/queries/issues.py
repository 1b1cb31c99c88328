"""Issues: failed deliveries by webhook and cause, read from one index with bounded cost."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Text, and_, case, cast, func, literal, select

from app.domain.common.clock import now_ms
from app.domain.common.ids import canonical_id
from app.domain.deliveries.causes import REDIRECT, STATUS
from app.domain.issues import coverage
from app.domain.issues.coverage import HOUR
from app.models import Acknowledgement, Attempt, Delivery, Webhook, WebhookState
from app.models.common.base import db
from app.models.deliveries import IS_FAILED
from app.queries import acknowledgements
from app.queries.common.scans import Span

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
    # Of the webhook; None: never.
    last_success: int | None
    # When the first of all failed.
    first: int
    now: int

    @property
    def is_resolved(self) -> bool:
        return coverage.is_resolved(self.last, self.last_success, self.now)

    @property
    def has_failed_again(self) -> bool:
        return coverage.has_failed_again(self.first, self.last, self.last_success)

    @property
    def is_open(self) -> bool:
        return bool(self.fresh) and not self.is_resolved


@dataclass(frozen=True, slots=True)
class Issues:
    """Latest first. is_all: every failed delivery was examined, and every issue is here."""

    groups: list[Issue]
    is_all: bool

    @property
    def open(self) -> list[Issue]:
        return [group for group in self.groups if group.is_open]

    @property
    def acknowledged(self) -> list[Issue]:
        return [group for group in self.groups if not (group.fresh or group.is_resolved)]

    @property
    def resolved(self) -> list[Issue]:
        """Deliveries succeed again; those that failed can still be resent."""
        return [group for group in self.groups if group.is_resolved]


def page(organization_id: str) -> Issues:
    now = now_ms()
    rows = db.session.execute(_groups(organization_id, now)).all()
    shown = rows[:SHOWN]
    ids = {row.webhook_id for row in shown}
    webhooks = {
        row.id: row for row in db.session.scalars(select(Webhook).where(Webhook.id.in_(ids)))
    }
    details = _details(organization_id, [row.newest_id for row in shown])
    known = acknowledgements.by_issue(organization_id)
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
            last_success=row.last_success,
            first=row.first,
            now=now,
        )
        for row in shown
    ]
    examined = sum(row.number for row in rows)
    return Issues(groups, is_all=examined < EXAMINED and len(rows) <= SHOWN)


def open_number(organization_id: str) -> int:
    """How many issues are open, at most SHOWN."""
    now = now_ms()
    rows = db.session.execute(_groups(organization_id, now)).all()[:SHOWN]
    return sum(
        bool(row.fresh) and not coverage.is_resolved(row.last, row.last_success, now)
        for row in rows
    )


def by_hour(organization_id: str, start: int) -> dict[tuple[str, str, int], dict[int, int]]:
    """{(webhook id, cause, status or 0): {hour from `start` (milliseconds) on: failed deliveries}},
    of those that are examined."""
    failed = _newest(organization_id).subquery().c
    hour = ((failed.updated_at - start) // HOUR).label("hour")
    keys = (failed.webhook_id, failed.cause, failed.status)
    statement = select(*keys, hour, func.count()).where(failed.updated_at >= start)
    hours: dict[tuple[str, str, int], dict[int, int]] = {}
    for webhook_id, cause, status, at, number in db.session.execute(
        statement.group_by(*keys, "hour")
    ):
        hours.setdefault((webhook_id, cause, status), {})[at] = number
    return hours


def webhook_of(organization_id: str, webhook_id: str) -> Webhook | None:
    """An existing webhook or callback target."""
    conditions = (Webhook.organization_id == organization_id, Webhook.deleted_at.is_(None))
    return db.session.scalar(
        select(Webhook).where(Webhook.id == canonical_id(webhook_id), *conditions)
    )


def _newest(organization_id: str) -> Select[tuple[str, str, str, int, int]]:
    """Of failed deliveries. Without a limit of its own: grouping the rows of a subquery with one
    takes SQLite longer."""
    mine = (Delivery.organization_id == organization_id, IS_FAILED, Delivery.is_test.is_(False))
    newest = select(Delivery.id).where(*mine).order_by(Delivery.id.desc())
    edge = db.session.scalar(newest.offset(EXAMINED - 1).limit(1))
    cause = func.coalesce(Delivery.last_cause, "").label("cause")
    by_status = case((cause.in_(_BY_STATUS), func.coalesce(Delivery.last_status, 0)), else_=0)
    return select(
        Delivery.id,
        Delivery.webhook_id,
        cause,
        by_status.label("status"),
        Delivery.updated_at,
    ).where(*mine, *Span(edge).of(Delivery.id))


def _groups(organization_id: str, now: int) -> Select[*tuple[Any, ...]]:
    failed = _newest(organization_id).subquery().c
    known = and_(
        Acknowledgement.organization_id == organization_id,
        Acknowledgement.webhook_id == failed.webhook_id,
        Acknowledgement.cause == failed.cause,
        Acknowledgement.status == failed.status,
    )
    is_fresh = acknowledgements.is_fresh(failed.updated_at, now)
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
            func.min(failed.updated_at).label("first"),
            func.max(WebhookState.last_success_at).label("last_success"),
            # PostgreSQL has no max(uuid); the maximum text is the same.
            func.max(cast(failed.id, Text)).label("newest_id"),
        )
        .select_from(
            failed.id.table.outerjoin(Acknowledgement, known).outerjoin(
                WebhookState, WebhookState.webhook_id == failed.webhook_id
            )
        )
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
