"""Notification preferences, emails and notices."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, tuple_

from app.domain.notifications.system_events import PACE_MS, kinds_of
from app.models import (
    AccountEmail,
    Delivery,
    Membership,
    Notice,
    NoticeDigest,
    NotificationPreference,
    Organization,
    QueuedEmail,
    User,
    Webhook,
)
from app.models.common.base import db
from app.queries.common.moments import Moment

# (user id, webhook id).
Pair = tuple[str, str]
# Pairs per statement; SQLite binds 32,766 values at most.
MAX_PAIRS = 500


@dataclass(frozen=True, slots=True)
class Recipient:
    """kinds: what they are emailed about. has_chosen: set by themselves, not by their role."""

    user: User
    role: str
    kinds: tuple[str, ...]
    has_chosen: bool


def recipients(organization_id: str) -> list[Recipient]:
    """All members, in the order in which they joined."""
    return recipients_of([organization_id]).get(organization_id, [])


def recipients_of(organization_ids: Collection[str]) -> dict[str, list[Recipient]]:
    recipients: dict[str, list[Recipient]] = defaultdict(list)
    same = (NotificationPreference.organization_id == Membership.organization_id) & (
        NotificationPreference.user_id == Membership.user_id
    )
    rows = db.session.execute(
        select(Membership, User, NotificationPreference.kinds)
        .join(User, User.id == Membership.user_id)
        .outerjoin(NotificationPreference, same)
        .where(Membership.organization_id.in_(organization_ids))
        .order_by(Membership.created_at, User.id)
    )
    for membership, user, chosen in rows:
        kinds = kinds_of(membership.role, chosen)
        recipients[membership.organization_id].append(
            Recipient(user, membership.role, kinds, chosen is not None)
        )
    return recipients


def recipient(organization_id: str, user_id: str) -> Recipient | None:
    """None if the user is not a member."""
    return next((r for r in recipients(organization_id) if r.user.id == user_id), None)


def last_sent(organization_id: str, pairs: Sequence[Pair]) -> dict[Pair, int]:
    """When the last email of each pair was sent; pairs without one are missing."""
    last: dict[Pair, int] = {}
    for start in range(0, len(pairs), MAX_PAIRS):
        rows = db.session.execute(
            select(QueuedEmail.user_id, QueuedEmail.webhook_id, func.max(QueuedEmail.sent_at))
            .where(
                QueuedEmail.organization_id == organization_id,
                tuple_(QueuedEmail.user_id, QueuedEmail.webhook_id).in_(
                    pairs[start : start + MAX_PAIRS]
                ),
                QueuedEmail.sent_at.is_not(None),
            )
            .group_by(QueuedEmail.user_id, QueuedEmail.webhook_id)
        )
        last |= {(user_id, webhook_id): at for user_id, webhook_id, at in rows if at is not None}
    return last


def is_due(now: Moment) -> ColumnElement[bool]:
    """The condition of emails to send."""
    return QueuedEmail.next_at <= now


def emails(model: type[QueuedEmail | AccountEmail], condition: ColumnElement[bool]) -> Select[int]:
    return select(model.id).where(condition)


def recent(organization_id: str, limit: int = 20) -> Sequence[Row[QueuedEmail, User, Webhook]]:
    """The newest emails, including waiting ones, with their recipient and webhook."""
    return db.session.execute(
        select(QueuedEmail, User, Webhook)
        .join(User, User.id == QueuedEmail.user_id)
        .outerjoin(Webhook, Webhook.id == QueuedEmail.webhook_id)
        .where(QueuedEmail.organization_id == organization_id)
        .order_by(QueuedEmail.id.desc())
        .limit(limit)
    ).all()


def notices(_: Moment) -> Select[int]:
    """Those that are not yet published."""
    return select(Notice.id)


def has_notices() -> bool:
    return db.session.scalar(notices(0).limit(1)) is not None


def is_due_digest(now: Moment) -> ColumnElement[bool]:
    """Also of one that was planned before the clock was set back."""
    return or_(NoticeDigest.next_at <= now, NoticeDigest.next_at > now + PACE_MS)


def is_past(now: Moment) -> ColumnElement[bool]:
    """The condition of digests that delay no later one."""
    past = or_(NoticeDigest.sent_at < now - PACE_MS, NoticeDigest.sent_at > now + PACE_MS)
    return and_(NoticeDigest.next_at.is_(None), past)


def digests(now: Moment) -> Select[str]:
    """Those that are due, or to be deleted."""
    return select(NoticeDigest.webhook_id).where(or_(is_due_digest(now), is_past(now)))


def webhook_versions(organization_ids: Collection[str]) -> dict[str, int]:
    """{organization id: version of its webhooks}"""
    statement = select(Organization.id, Organization.webhooks_version)
    rows = db.session.execute(statement.where(Organization.id.in_(organization_ids)))
    return {row.id: row.webhooks_version for row in rows}


def webhooks_of(notices: Iterable[Notice]) -> dict[str, Webhook]:
    """{id: webhook}, without callback targets."""
    rows = db.session.scalars(
        select(Webhook).where(
            Webhook.id.in_({n.webhook_id for n in notices}), Webhook.kind == "webhook"
        )
    )
    return {row.id: row for row in rows}


def deliveries_of(notices: Iterable[Notice]) -> dict[str, Delivery]:
    ids = {notice.delivery_id for notice in notices if notice.delivery_id is not None}
    rows = db.session.scalars(select(Delivery).where(Delivery.id.in_(ids)))
    return {row.id: row for row in rows}
