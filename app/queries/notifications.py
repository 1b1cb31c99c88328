"""Who hears of what by mail, and the mails."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, func, select, tuple_

from app.domain.notifications.system_events import kinds_of
from app.models import Mail, Membership, NotificationChoice, User, Webhook
from app.models.base import db

# (user id, webhook id).
Pair = tuple[str, str]
# Pairs in one statement; SQLite binds 32,766 values at most.
MAX_PAIRS = 500


@dataclass(frozen=True, slots=True)
class Recipient:
    """kinds: what they hear of. has_chosen: it is their own choice, not that of their role."""

    user: User
    role: str
    kinds: tuple[str, ...]
    has_chosen: bool


def recipients(organization_id: str) -> list[Recipient]:
    """All members, in the order in which they came."""
    return recipients_of([organization_id]).get(organization_id, [])


def recipients_of(organization_ids: Collection[str]) -> dict[str, list[Recipient]]:
    found: dict[str, list[Recipient]] = defaultdict(list)
    same = (NotificationChoice.organization_id == Membership.organization_id) & (
        NotificationChoice.user_id == Membership.user_id
    )
    rows = db.session.execute(
        select(Membership, User, NotificationChoice.kinds)
        .join(User, User.id == Membership.user_id)
        .outerjoin(NotificationChoice, same)
        .where(Membership.organization_id.in_(organization_ids))
        .order_by(Membership.created_at, User.id)
        .execution_options(populate_existing=True)
    )
    for membership, user, chosen in rows:
        kinds = kinds_of(membership.role, chosen)
        found[membership.organization_id].append(
            Recipient(user, membership.role, kinds, chosen is not None)
        )
    return found


def recipient(organization_id: str, user_id: str) -> Recipient | None:
    """A member; None for anybody else."""
    return next((r for r in recipients(organization_id) if r.user.id == user_id), None)


def waiting(organization_id: str, pairs: Sequence[Pair]) -> dict[Pair, Mail]:
    """The mails that have not gone yet, locked until the transaction ends."""
    found: dict[Pair, Mail] = {}
    for start in range(0, len(pairs), MAX_PAIRS):
        rows = db.session.scalars(
            select(Mail)
            .where(
                Mail.organization_id == organization_id,
                tuple_(Mail.user_id, Mail.webhook_id).in_(pairs[start : start + MAX_PAIRS]),
                Mail.state == "waiting",
            )
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        found |= {(row.user_id, row.webhook_id): row for row in rows}
    return found


def last_sent(organization_id: str, pairs: Sequence[Pair]) -> dict[Pair, int]:
    """When the last mail of each went; those without one are left out."""
    found: dict[Pair, int] = {}
    for start in range(0, len(pairs), MAX_PAIRS):
        rows = db.session.execute(
            select(Mail.user_id, Mail.webhook_id, func.max(Mail.sent_at))
            .where(
                Mail.organization_id == organization_id,
                tuple_(Mail.user_id, Mail.webhook_id).in_(pairs[start : start + MAX_PAIRS]),
                Mail.sent_at.is_not(None),
            )
            .group_by(Mail.user_id, Mail.webhook_id)
        )
        found |= {(user_id, webhook_id): at for user_id, webhook_id, at in rows}
    return found


def is_due(now: int) -> bool:
    return db.session.scalar(select(Mail.id).where(Mail.next_at <= now).limit(1)) is not None


def recent(organization_id: str, limit: int = 20) -> Sequence[Row[Mail, User, Webhook]]:
    """The newest mails, those that wait too, with whom and what they are about."""
    return db.session.execute(
        select(Mail, User, Webhook)
        .join(User, User.id == Mail.user_id)
        .outerjoin(Webhook, Webhook.id == Mail.webhook_id)
        .where(Mail.organization_id == organization_id)
        .order_by(Mail.id.desc())
        .limit(limit)
        .execution_options(populate_existing=True)
    ).all()
