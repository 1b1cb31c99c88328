"""Reads of the periodic tasks: what has expired, what is due, what needs to be counted.

Expired rows come oldest first. Ids contain their time, so the index on (organization, id) finds
them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Text, and_, cast, exists, func, or_, select

from app.domain.common.ids import first_id_of
from app.domain.deliveries.states import PENDING, RETRYING
from app.domain.events.search_values import hour_of
from app.models import (
    AuditEntry,
    Counter,
    Delivery,
    Due,
    Event,
    EventValue,
    Organization,
    QueuedEmail,
    RetainedPayload,
    RetentionMark,
    Tally,
    TaskSchedule,
    Webhook,
    WebhookState,
)
from app.models.common.base import db
from app.models.webhooks import ONCE_WAITING
from app.queries.common.moments import Moment

# Deleted in one transaction at most: a few milliseconds of work.
EVENTS = 100
WEIGHT = 400
# Bytes of payload that count like one row.
BYTES_OF_WEIGHT = 16_384


@dataclass(frozen=True, slots=True)
class ExpiredEvent:
    """An event, and what it costs to delete it: rows, plus bytes in units of a row."""

    id: str
    weight: int


def oldest(organization_id: str, after: str | None, until: str) -> tuple[ExpiredEvent, ...]:
    """Events with ids above `after` and below `until`."""
    statement = select(Event.id, func.length(Event.payload)).where(
        Event.organization_id == organization_id, Event.id < until
    )
    if after is not None:
        statement = statement.where(Event.id > after)
    rows = db.session.execute(statement.order_by(Event.id).limit(EVENTS)).all()
    return tuple(ExpiredEvent(row[0], 1 + (row[1] or 0) // BYTES_OF_WEIGHT) for row in rows)


def retained_payloads(organization_id: str, after: str | None) -> tuple[str, ...]:
    """Events whose payload could not expire yet."""
    statement = select(RetainedPayload.event_id).where(
        RetainedPayload.organization_id == organization_id
    )
    if after is not None:
        statement = statement.where(RetainedPayload.event_id > after)
    return tuple(db.session.scalars(statement.order_by(RetainedPayload.event_id).limit(EVENTS)))


def with_deliveries(events: Sequence[ExpiredEvent]) -> tuple[ExpiredEvent, ...]:
    """The same events, including the weight of their deliveries and attempts."""
    rows = db.session.execute(
        select(Delivery.event_id, func.count() + func.coalesce(func.sum(Delivery.attempts), 0))
        .where(Delivery.event_id.in_([event.id for event in events]))
        .group_by(Delivery.event_id)
    )
    weights = {row[0]: int(row[1]) for row in rows}
    return tuple(ExpiredEvent(e.id, e.weight + weights.get(e.id, 0)) for e in events)


def batch(events: Sequence[ExpiredEvent]) -> list[str]:
    """As many as one transaction deletes, at least one."""
    ids: list[str] = []
    weight = 0
    for event in events:
        weight += event.weight
        if ids and weight > WEIGHT:
            break
        ids.append(event.id)
    return ids


def busy(event_ids: Sequence[str], since: int | None = None) -> set[str]:
    """Events with an open delivery, or with one that changed after `since`."""
    is_busy: ColumnElement[bool] = Delivery.state.in_((PENDING, RETRYING))
    if since is not None:
        is_busy = or_(is_busy, Delivery.updated_at > since)
    return set(
        db.session.scalars(
            select(Delivery.event_id).where(Delivery.event_id.in_(event_ids), is_busy).distinct()
        )
    )


def hour_before_events() -> int | None:
    """The hour of the oldest event of all organizations, if there are values to search by from
    before it; they belong to no event."""
    first = db.session.scalar(select(func.min(EventValue.hour)))
    oldest = db.session.scalar(select(Event.id).order_by(Event.id).limit(1))
    if first is None or oldest is None or first >= hour_of(oldest):
        return None
    return hour_of(oldest)


def event_count() -> int:
    """Of all organizations."""
    return db.session.scalar(select(func.count()).select_from(Event)) or 0


def old_audit_entries(organization_id: str | None, before: int, limit: int) -> Sequence[str]:
    """Ids, oldest first. organization_id None: entries about the installation. before:
    milliseconds since the epoch."""
    return db.session.scalars(
        select(AuditEntry.id)
        .where(AuditEntry.organization_id == organization_id, AuditEntry.id < first_id_of(before))
        .order_by(AuditEntry.id)
        .limit(limit)
    ).all()


def old_emails(organization_id: str, before: int, limit: int) -> Sequence[int]:
    """Ids of emails that will not be sent again, oldest first."""
    return db.session.scalars(
        select(QueuedEmail.id)
        .where(
            QueuedEmail.organization_id == organization_id,
            QueuedEmail.created_at < before,
            QueuedEmail.state.in_(("sent", "failed", "dropped")),
        )
        .order_by(QueuedEmail.id)
        .limit(limit)
    ).all()


def unused_webhooks(organization_id: str, before: int, limit: int) -> Sequence[str]:
    """Deleted webhooks and used one-time webhooks without deliveries. Callback targets are kept:
    the next one-off callback to the same origin uses the same row."""
    used = and_(Webhook.once, Webhook.once_event_id.is_not(None), Webhook.updated_at < before)
    deliveries = select(Delivery.id).where(Delivery.webhook_id == Webhook.id)
    return db.session.scalars(
        select(Webhook.id)
        .where(
            Webhook.organization_id == organization_id,
            Webhook.kind.in_(("webhook", "listener")),
            or_(Webhook.deleted_at < before, used),
            ~deliveries.exists(),
        )
        .limit(limit)
    ).all()


def expired_one_time(organization_id: str, before: int, limit: int) -> Sequence[Row[str, str, str]]:
    """(id, name, URL) of one-time webhooks that were created before, and whose event never came."""
    columns = select(Webhook.id, Webhook.name, Webhook.url).where(
        Webhook.organization_id == organization_id, Webhook.id < first_id_of(before), ONCE_WAITING
    )
    # Two conditions, as in `queries.webhooks`: with a single one SQLite reads every webhook.
    rows: list[Row[str, str, str]] = []
    for condition in (Webhook.once_source.is_(None), Webhook.once_source >= ""):
        rows += db.session.execute(columns.where(condition).limit(limit)).all()
    return rows[:limit]


def is_retention_due(now: int) -> bool:
    due = select(RetentionMark.organization_id).where(RetentionMark.next_at <= now)
    return db.session.scalar(due.limit(1)) is not None


def has_organization_without_mark() -> bool:
    marked = exists().where(RetentionMark.organization_id == Organization.id)
    return db.session.scalar(select(Organization.id).where(~marked).limit(1)) is not None


def next_run(task: str) -> int | None:
    """When a periodic task is next due; None: it has never run."""
    return db.session.scalar(select(TaskSchedule.next_at).where(TaskSchedule.name == task))


def existence(statements: Sequence[Select[Any]]) -> Select[Any]:
    """For each whether it finds a row."""
    columns: list[Any] = [statement.exists() for statement in statements]
    return select(*columns)


def which_exist(statement: Select[Any], now: int) -> Sequence[bool]:
    """statement: of `existence`, with `moments.NOW`."""
    return tuple(map(bool, db.session.execute(statement, {"now": now}).one()))


def tallies(_: Moment) -> Select[int]:
    """Those that are not yet added to counters."""
    return select(Tally.id)


def oldest_tallies(limit: int) -> Sequence[Row[int, int, str]]:
    """(id, minute, deltas as JSON text)"""
    statement = select(Tally.id, Tally.minute, cast(Tally.deltas, Text))
    return db.session.execute(statement.order_by(Tally.id).limit(limit)).all()


def has_counters(span: int, before: int) -> bool:
    """Whether there are counters of this span that started before a time."""
    old = select(Counter.span).where(Counter.span == span, Counter.start < before)
    return db.session.scalar(old.limit(1)) is not None


def claimed(webhook_id: str) -> int:
    """How many of a webhook's deliveries are claimed."""
    statement = select(func.count()).select_from(Due)
    claimed_rows = statement.where(Due.webhook_id == webhook_id, Due.claimed_by.is_not(None))
    return db.session.scalar(claimed_rows) or 0


def wrong_in_flight_counts(limit: int) -> Sequence[str]:
    """Webhooks whose stored count differs from their claims. One statement sees both as of the
    same moment, so a difference is an error and never a race."""
    claims = (
        select(Due.webhook_id, func.count().label("number"))
        .where(Due.claimed_by.is_not(None))
        .group_by(Due.webhook_id)
        .subquery()
    )
    return db.session.scalars(
        select(WebhookState.webhook_id)
        .outerjoin(claims, claims.c.webhook_id == WebhookState.webhook_id)
        .where(WebhookState.in_flight != func.coalesce(claims.c.number, 0))
        .order_by(WebhookState.webhook_id)
        .limit(limit)
    ).all()
