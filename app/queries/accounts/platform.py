"""Reads over all organizations, for platform owners."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from app.domain.common.ids import canonical_id
from app.domain.deliveries.spans import HOUR
from app.models import ApiKey, Counter, Due, Membership, Organization, User, Webhook
from app.models.common.base import db
from app.models.due import FREE

DAY_MS = 86_400_000
# Counting stops here; more is shown as "more than".
COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """deliveries: created in the last 24 hours."""

    organization: Organization
    members: int
    webhooks: int
    deliveries: int


@dataclass(frozen=True, slots=True)
class Reach:
    """What a suspension stops. queued: deliveries that wait for an attempt, at most COUNTED."""

    members: int
    api_keys: int
    webhooks: int
    queued: int


def page(  # noqa: PLR0917 - the parameters of a list
    now: int,
    q: str = "",
    state: str = "",
    sort: str = "name",
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[Line], int]:
    """Organizations and how many match. q: text in the name, or an id. state: `active`,
    `suspended`, or anything else for all. sort: `members`, `webhooks`, `deliveries` (the largest
    first), `created` (the newest first), or anything else for the name. now: milliseconds."""
    conditions = _conditions(q, state)
    total = db.session.scalar(select(func.count()).select_from(Organization).where(*conditions))
    numbers = (_members(), _webhooks(), _deliveries(now))
    orders: dict[str, ColumnElement[Any]] = {
        "name": func.lower(Organization.name),
        "created": Organization.id.desc(),
        "members": numbers[0].desc(),
        "webhooks": numbers[1].desc(),
        "deliveries": numbers[2].desc(),
    }
    statement = (
        select(Organization, *numbers)
        .where(*conditions)
        .order_by(orders.get(sort, orders["name"]), func.lower(Organization.name), Organization.id)
        .offset(offset)
        .limit(limit)
    )
    return [Line(*row) for row in db.session.execute(statement)], total or 0


def reach(organization: Organization) -> Reach:
    """As it is now; of a suspended organization, the webhooks that are held."""
    id_ = organization.id
    own = (Webhook.organization_id == id_, Webhook.deleted_at.is_(None))
    stopped = Webhook.held if organization.suspended_at is not None else Webhook.is_active
    rows = select(Due.id).where(*own, stopped, Due.webhook_id == Webhook.id, FREE)
    return Reach(
        members=_count(select(Membership.user_id).where(Membership.organization_id == id_)),
        api_keys=_count(
            select(ApiKey.id).where(ApiKey.organization_id == id_, ApiKey.revoked_at.is_(None))
        ),
        webhooks=_count(select(Webhook.id).where(*own, stopped, Webhook.kind == "webhook")),
        queued=_count(rows.limit(COUNTED)),
    )


def owners() -> Sequence[User]:
    """Platform owners, by email address."""
    return db.session.scalars(select(User).where(User.is_platform_owner).order_by(User.email)).all()


def has_other_owner(user_id: str) -> bool:
    """Whether the installation has another platform owner."""
    other = select(User.id).where(User.is_platform_owner, User.id != user_id).limit(1)
    return db.session.scalar(other) is not None


def _conditions(q: str, state: str) -> Iterable[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Organization.deleted_at.is_(None)]
    if q:
        named = Organization.name.icontains(q, autoescape=True)
        id_ = canonical_id(q)
        conditions.append(named if id_ is None else or_(named, Organization.id == id_))
    if state == "active":
        conditions.append(Organization.suspended_at.is_(None))
    elif state == "suspended":
        conditions.append(Organization.suspended_at.is_not(None))
    return conditions


def _members() -> ColumnElement[int]:
    own = Membership.organization_id == Organization.id
    return select(func.count()).where(own).correlate(Organization).scalar_subquery()


def _webhooks() -> ColumnElement[int]:
    own = (
        Webhook.organization_id == Organization.id,
        Webhook.kind == "webhook",
        Webhook.deleted_at.is_(None),
    )
    return select(func.count()).where(*own).correlate(Organization).scalar_subquery()


def _deliveries(now: int) -> ColumnElement[int]:
    own = (
        Counter.subject_id == Organization.id,
        Counter.span == HOUR,
        Counter.start >= now - DAY_MS,
        Counter.metric == "deliveries",
    )
    total = func.coalesce(func.sum(Counter.value), 0)
    return select(total).where(*own).correlate(Organization).scalar_subquery()


def _count(rows: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0
