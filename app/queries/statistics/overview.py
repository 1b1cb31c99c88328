"""The current state of an organization, at constant cost."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, exists, func, select

from app.models import Due, Event, Webhook, WebhookState
from app.models.base import db
from app.models.due import FREE

# Counting stops here; more is shown as "more than".
COUNTED = 10_000

Health = Literal["green", "amber", "red"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """due: unclaimed deliveries whose time has come; oldest_at: since when (milliseconds since the
    epoch; None without any). capped: there are more than were counted."""

    due: int
    oldest_at: int | None
    capped: bool


def troubled(organization_id: str) -> list[tuple[Webhook, WebhookState]]:
    """Webhooks that Callboard disabled, or whose recent attempts all failed; the longest failing
    first."""
    rows = db.session.execute(
        select(Webhook, WebhookState)
        .join(WebhookState, WebhookState.webhook_id == Webhook.id)
        .where(
            Webhook.organization_id == organization_id,
            Webhook.kind == "webhook",
            Webhook.deleted_at.is_(None),
            _is_troubled(),
        )
        .order_by(func.coalesce(Webhook.disabled_at, WebhookState.failing_since))
        .limit(50)
    ).all()
    return [(webhook, state) for webhook, state in rows]


def health(organization_id: str) -> Health:
    """red: a webhook was disabled; amber: one is failing; green: neither."""
    mine = (
        Webhook.organization_id == organization_id,
        Webhook.kind == "webhook",
        Webhook.deleted_at.is_(None),
    )
    if db.session.scalar(select(exists().where(*mine, _is_disabled()))):
        return "red"
    state = WebhookState.webhook_id == Webhook.id
    failing = db.session.scalar(select(exists().where(*mine, state, _is_failing())))
    return "amber" if failing else "green"


def _is_disabled() -> ColumnElement[bool]:
    return ~Webhook.is_active & Webhook.disabled_reason.is_not(None)


def _is_failing() -> ColumnElement[bool]:
    return Webhook.is_active & WebhookState.failing_since.is_not(None)


def _is_troubled() -> ColumnElement[bool]:
    return _is_disabled() | _is_failing()


def waiting(organization_id: str, now: int) -> Waiting:
    """Reads the due queue by webhook, so that other organizations' backlog costs nothing."""
    active = (
        Webhook.organization_id == organization_id,
        Webhook.deleted_at.is_(None),
        Webhook.is_active,
    )
    free = (Due.webhook_id == Webhook.id, FREE, Due.next_at <= now)
    first = select(Due.next_at).where(*free).order_by(Due.next_at).limit(1)
    oldest = select(func.min(first.correlate(Webhook).scalar_subquery())).where(*active)
    rows = select(Due.id).where(*active, *free)
    count = select(func.count()).select_from(rows.limit(COUNTED).subquery())
    due = db.session.scalar(count) or 0
    return Waiting(due, db.session.scalar(oldest) if due else None, due >= COUNTED)


def webhook_count(organization_id: str) -> int:
    """Existing webhooks, without callback targets."""
    mine = (
        Webhook.organization_id == organization_id,
        Webhook.kind == "webhook",
        Webhook.deleted_at.is_(None),
    )
    return db.session.scalar(select(func.count()).select_from(Webhook).where(*mine)) or 0


def has_events(organization_id: str) -> bool:
    return bool(db.session.scalar(select(exists().where(Event.organization_id == organization_id))))
