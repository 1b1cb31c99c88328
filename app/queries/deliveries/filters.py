"""Filters of delivery lists, and their SQL conditions."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, or_, select

from app.domain.common.ids import canonical_id
from app.domain.deliveries.states import CANCELLED, FAILED, PENDING, RETRYING, SENDING, SKIPPED
from app.models import Delivery, Due, Event, IdempotencyKey, Webhook
from app.models.common.base import db
from app.models.deliveries import TROUBLE
from app.queries.common.payload_text import payload_holds
from app.queries.common.scans import Condition, Span, span_of, unindexed
from app.queries.events import by_value

OPEN_STATES = frozenset({PENDING, RETRYING, SENDING})
TROUBLE_STATES = frozenset({FAILED, CANCELLED, SKIPPED})


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """None and () do not filter.

    states: of `domain.deliveries.states`, including `sending`. status_code: of the last response;
    status_class: its first digit (5 is 500 to 599). cause: of the last attempt.
    since, until: milliseconds since the epoch, of acceptance, until excluded. q: an id of a
    delivery, event or webhook, the producer's own id of an event, or text in the payload. job_id:
    of the last job that resent or cancelled it. value: a value of the payload that the index has,
    of the newest events (`by_value.LISTED`).
    """

    states: tuple[str, ...] = ()
    webhook_id: str | None = None
    event_id: str | None = None
    event_type: str | None = None
    source: str | None = None
    status_code: int | None = None
    status_class: int | None = None
    cause: str | None = None
    since: int | None = None
    until: int | None = None
    q: str | None = None
    job_id: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions, grouped by the index that serves them.

    single: of a single event, delivery or job. rest: served by no index. reads_payloads: whether
    checking `rest` reads payloads.
    """

    organization_id: str
    single: tuple[Condition, ...]
    webhooks: tuple[Condition, ...]
    rest: tuple[Condition, ...]
    states: frozenset[str]
    span: Span
    reads_payloads: bool

    def all(self) -> list[Condition]:
        """For a statement without a bound on the rows it reads."""
        column = Delivery.organization_id
        own = (
            unindexed(column) if self.single or self.webhooks else column
        ) == self.organization_id
        conditions = [own, *self.single, *self.webhooks, *self.rest, *self.span.of(Delivery.id)]
        if self.states:
            conditions.append(in_states(self.states))
        if self.states and self.states <= TROUBLE_STATES:
            conditions.append(TROUBLE)
        return conditions


def conditions(organization_id: str, filters: DeliveryFilter) -> Conditions | None:
    """None: nothing can match."""
    single: list[Condition] = []
    webhooks: list[Condition] = []
    rest = _rest(filters)
    for column, value, matches in (
        (Delivery.event_id, filters.event_id, single),
        (Delivery.job_id, filters.job_id, single),
        (Delivery.webhook_id, filters.webhook_id, webhooks),
    ):
        if value is not None:
            if canonical_id(value) is None:
                return None
            matches.append(column == canonical_id(value))
    if filters.value is not None:
        ids = by_value.newest(organization_id, filters.value, filters.until).ids
        if not ids:
            return None
        single.append(Delivery.event_id.in_(ids))
    exact = None if not filters.q else _exact(organization_id, filters.q)
    if exact is not None:
        column, found_id = exact
        (webhooks if column is Delivery.webhook_id else single).append(column == found_id)
    elif filters.q:
        rest.append(_in_event(filters.q))
    return Conditions(
        organization_id,
        tuple(single),
        tuple(webhooks),
        tuple(rest),
        frozenset(filters.states),
        span_of(filters.since, filters.until),
        reads_payloads=bool(filters.q) and exact is None,
    )


def is_due() -> Condition:
    """It is in the due queue, so it is open."""
    return exists(select(Due.id).where(Due.delivery_id == Delivery.id))


def is_claimed() -> Condition:
    return exists(select(Due.id).where(Due.delivery_id == Delivery.id, Due.claimed_by.is_not(None)))


def is_sendable() -> Condition:
    """No test send; its webhook exists, its payload has not expired, and no worker is sending
    it."""
    return and_(
        Delivery.is_test.is_(False),
        exists(
            select(Webhook.id).where(
                Webhook.id == Delivery.webhook_id, Webhook.deleted_at.is_(None)
            )
        ),
        exists(select(Event.id).where(Event.id == Delivery.event_id, Event.payload.is_not(None))),
        ~is_claimed(),
    )


def in_states(states: frozenset[str]) -> Condition:
    """`sending` means claimed; `pending` and `retrying` mean not claimed."""
    claimed = is_claimed()
    waiting = sorted(states & {PENDING, RETRYING})
    ended = sorted(states - OPEN_STATES)
    parts: list[Condition] = [Delivery.state.in_(ended)] if ended else []
    if waiting:
        parts.append(and_(Delivery.state.in_(waiting), ~claimed))
    if SENDING in states:
        parts.append(and_(Delivery.state.in_((PENDING, RETRYING)), claimed))
    return or_(*parts)


def _rest(filters: DeliveryFilter) -> list[Condition]:
    conditions: list[Condition] = []
    if filters.event_type is not None:
        conditions.append(Delivery.event_type == filters.event_type)
    if filters.source is not None:
        conditions.append(Delivery.source == filters.source)
    if filters.status_code is not None:
        conditions.append(Delivery.last_status == filters.status_code)
    if filters.status_class is not None:
        lowest = filters.status_class * 100
        conditions.append(Delivery.last_status.between(lowest, lowest + 99))
    if filters.cause is not None:
        conditions.append(Delivery.last_cause == filters.cause)
    return conditions


def _exact(organization_id: str, q: str) -> tuple[Any, str] | None:
    """The column and value that an id refers to; None if there is no such id."""
    id_ = canonical_id(q)
    for model, column in (
        (Delivery, Delivery.id),
        (Event, Delivery.event_id),
        (Webhook, Delivery.webhook_id),
    ):
        statement = select(model.id).where(
            model.id == id_, model.organization_id == organization_id
        )
        if id_ is not None and db.session.scalar(statement) is not None:
            return column, id_
    event_id = db.session.scalar(
        select(IdempotencyKey.event_id).where(
            IdempotencyKey.organization_id == organization_id, IdempotencyKey.key == q
        )
    )
    return None if event_id is None else (Delivery.event_id, event_id)


def _in_event(q: str) -> Condition:
    """Also by the producer's id, whose idempotency key may have expired."""
    return exists(
        select(Event.id).where(
            Event.id == Delivery.event_id, or_(Event.producer_id == q, payload_holds(q))
        )
    )
