"""What is wrong now, and how much went well: at a cost that does not grow with what is stored."""

from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import ColumnElement, exists, func, select

from app.domain.ids import first_id_of
from app.extensions import db
from app.models import Delivery, Due, Event, Webhook, WebhookState

# Counting goes no further than this; more is said to be "more than".
COUNTED = 10_000

Health = Literal["green", "amber", "red"]


@dataclass(frozen=True, slots=True)
class Counts:
    """states: of the newest deliveries since `since`, by stored state; capped: there were more
    than were counted."""

    since: int
    states: dict[str, int] = field(default_factory=dict)
    capped: bool = False

    def of(self, state: str) -> int:
        return self.states.get(state, 0)

    @property
    def total(self) -> int:
        return sum(self.states.values())


@dataclass(frozen=True, slots=True)
class Waiting:
    """due: could be sent now and nobody has them, the oldest since oldest_at (milliseconds since
    the epoch; None without any). capped: as in Counts."""

    due: int
    oldest_at: int | None
    capped: bool


def troubled(organization_id: str) -> list[tuple[Webhook, WebhookState]]:
    """Webhooks that the product disabled, or that have had nothing but failures of late; those
    that have failed longest first."""
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


def counts(organization_id: str, since: int) -> Counts:
    """Over the newest COUNTED deliveries that were accepted since then."""
    newest = (
        select(Delivery.state)
        .where(Delivery.organization_id == organization_id, Delivery.id >= first_id_of(since))
        .order_by(Delivery.id.desc())
        .limit(COUNTED)
        .subquery()
    )
    tally = select(newest.c.state, func.count()).group_by(newest.c.state)
    states: dict[str, int] = dict(db.session.execute(tally).all())
    return Counts(since, states, sum(states.values()) >= COUNTED)


def waiting(organization_id: str, now: int) -> Waiting:
    first = (
        select(Due.next_at)
        .join(Webhook, Webhook.id == Due.webhook_id)
        .where(
            Due.organization_id == organization_id,
            Due.claimed_by.is_(None),
            Due.head,
            Due.next_at <= now,
            Webhook.is_active,
        )
        .limit(COUNTED)
        .subquery()
    )
    count, oldest = db.session.execute(select(func.count(), func.min(first.c.next_at))).one()
    return Waiting(count, oldest, count >= COUNTED)


def has_events(organization_id: str) -> bool:
    return bool(db.session.scalar(select(exists().where(Event.organization_id == organization_id))))
