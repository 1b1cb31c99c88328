"""Lists and details of events."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, not_, or_, select
from sqlalchemy.orm import defer

from app.domain.common.errors import Unavailable
from app.domain.common.ids import canonical_id
from app.domain.event_types.names import NOTICE_TYPES
from app.domain.events.event import EventFacts
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.filters import FilterVerdict
from app.domain.webhooks.matching import Matcher, Refusal, sandboxed_filters
from app.domain.webhooks.rows import facts_from_row
from app.models import Delivery, Event, IdempotencyKey, Webhook
from app.models.common.base import db
from app.queries.common.pages import (
    EXAMINED,
    EXAMINED_TEXTS,
    Page,
    decode_cursor,
    next_cursor,
    taken,
)
from app.queries.common.payload_text import payload_holds
from app.queries.common.scans import Condition, Scan, span_of, unindexed
from app.queries.deliveries.listing import DeliveryRow, rows_of
from app.queries.events.by_value import ValueScan
from app.runtime.expressions import verdicts_of

# Reasons that cannot be told without the payload.
_OF_PAYLOAD = frozenset({"field", "filter", "filter_budget"})
# Webhooks that did not match, shown at most.
MAX_REFUSALS = 500
_DEFERRED = (defer(Event.payload),)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """since, until: milliseconds since the epoch, of acceptance, until excluded. q: an event id,
    the producer's own id, or text in the payload. system: True: only Callboard's own events and
    samples of test sends; False: none of them. value: a value of the payload that the index has."""

    type: str | None = None
    source: str | None = None
    since: int | None = None
    until: int | None = None
    q: str | None = None
    system: bool | None = None
    value: str | None = None


def page(
    organization_id: str, filters: EventFilter, limit: int = 50, cursor: str | None = None
) -> Page[Event]:
    """Newest first, with payloads deferred."""
    below = decode_cursor(cursor)
    base, rest = _base(organization_id, filters), _rest(filters)
    examined, is_exact = EXAMINED, False
    if filters.q:
        exact = _exact(organization_id, filters.q)
        if exact is not None:
            is_exact = True
            base = [unindexed(Event.organization_id) == organization_id, Event.id == exact]
            if filters.source is not None:
                rest.append(Event.source == filters.source)
        else:
            rest.append(or_(Event.producer_id == filters.q, payload_holds(filters.q)))
            examined = EXAMINED_TEXTS
    if filters.system is None and not is_exact:
        rest.append(Event.is_test.is_(False))
    span = span_of(filters.since, filters.until)
    scan: Scan | ValueScan = Scan(Event, tuple(base), tuple(rest), span, examined, _DEFERRED)
    if filters.value is not None:
        checks = (*base, *rest)
        since, until = filters.since, filters.until
        scan = ValueScan(organization_id, filters.value, checks, since, until, _DEFERRED)
    stretch = taken(scan.look(below, limit), limit)
    return Page(stretch.rows, next_cursor(stretch))


def get(organization_id: str, event_id: str) -> Event | None:
    return db.session.scalar(
        select(Event).where(
            Event.id == canonical_id(event_id), Event.organization_id == organization_id
        )
    )


def of_source(organization_id: str, source: str, limit: int) -> list[Event]:
    """A source's newest events, newest first, with payloads."""
    return list(db.session.scalars(_of_source(organization_id, source).limit(limit)))


def first_of_source(organization_id: str, source: str) -> Event | None:
    """A source's oldest stored event."""
    statement = _of_source(organization_id, source).order_by(None).order_by(Event.id)
    return db.session.scalar(statement.limit(1))


def deliveries_of(organization_id: str, event_id: str) -> list[DeliveryRow]:
    """Oldest first."""
    statement = (
        select(Delivery)
        .where(
            Delivery.event_id == canonical_id(event_id),
            unindexed(Delivery.organization_id) == organization_id,
        )
        .order_by(Delivery.id)
    )
    return rows_of(list(db.session.scalars(statement)))


def states_of(organization_id: str, event_ids: list[str]) -> dict[str, dict[str, int]]:
    """Deliveries by stored state: {event id: {state: count}}."""
    states: dict[str, dict[str, int]] = defaultdict(dict)
    if event_ids:
        own = unindexed(Delivery.organization_id) == organization_id
        rows = db.session.execute(
            select(Delivery.event_id, Delivery.state, func.count())
            .where(Delivery.event_id.in_(event_ids), own)
            .group_by(Delivery.event_id, Delivery.state)
        )
        for event_id, state, number in rows:
            states[event_id][state] = number
    return states


def unmatched(organization_id: str, event: Event) -> list[tuple[Webhook, Refusal]]:
    """Webhooks that existed when the event was accepted and did not match, with the reason.
    Empty for the sample of a test send, which goes to one webhook only."""
    if event.is_test:
        return []
    got = select(Delivery.webhook_id).where(Delivery.event_id == event.id)
    statement = (
        select(Webhook)
        .where(
            Webhook.organization_id == organization_id,
            Webhook.kind == "webhook",
            Webhook.deleted_at.is_(None),
            Webhook.created_at <= event.created_at,
            Webhook.id.not_in(got),
        )
        .order_by(Webhook.id.desc())
        .limit(MAX_REFUSALS)
    )
    payload = b"{}" if event.payload is None else event.payload
    matched = EventFacts(event.id, event.type, event.source, event.occurred_at, payload)
    rows = db.session.scalars(statement).all()
    # All filters that the event was matched against, which share one budget.
    filtered = _filtered(organization_id, got)
    webhooks = [facts_from_row(row.columns(), None, 0) for row in (*rows, *filtered)]
    matcher = Matcher(matched, _verdicts(organization_id, matched, webhooks))
    return [(row, _refusal(matcher, row, event)) for row in rows]


def _verdicts(
    organization_id: str, event: EventFacts, webhooks: Sequence[WebhookFacts]
) -> Mapping[str, FilterVerdict]:
    try:
        return verdicts_of(organization_id, event, webhooks)
    except Unavailable as error:
        unknown = FilterVerdict(matched=False, detail=f"Not available now. {error.detail}")
        return dict.fromkeys(sandboxed_filters(event, webhooks), unknown)


def _filtered(organization_id: str, got: Select[Any]) -> Sequence[Webhook]:
    """Webhooks with a filter that got the event."""
    own = unindexed(Webhook.organization_id) == organization_id
    rows = select(Webhook).where(Webhook.id.in_(got), own, Webhook.filter.is_not(None))
    return db.session.scalars(rows.limit(MAX_REFUSALS)).all()


def _refusal(matcher: Matcher, webhook: Webhook, event: Event) -> Refusal:
    refusal = matcher.refusal(facts_from_row(webhook.columns(), None, 0))
    if webhook.once and webhook.once_event_id is not None and _matches(refusal):
        return Refusal("once", "One-time webhook: another event claimed it first.")
    if event.payload is None and refusal is not None and refusal.reason in _OF_PAYLOAD:
        return Refusal(refusal.reason, "Unknown: the payload has expired.")
    if _matches(refusal):
        return Refusal("changed", "The webhook was changed since; it would match now.")
    assert refusal is not None
    return refusal


def _matches(refusal: Refusal | None) -> bool:
    """A webhook that was paused when the event was accepted has a skipped delivery instead."""
    return refusal is None or refusal.reason == "inactive"


def _of_source(organization_id: str, source: str) -> Select[Event]:
    statement = select(Event).where(
        Event.organization_id == organization_id,
        Event.source == source,
        Event.is_test.is_(False),
    )
    return statement.order_by(Event.id.desc())


def _base(organization_id: str, filters: EventFilter) -> list[Condition]:
    own: list[Condition] = [Event.organization_id == organization_id]
    return own if filters.source is None else [*own, Event.source == filters.source]


def _rest(filters: EventFilter) -> list[Condition]:
    conditions: list[Condition] = [] if filters.type is None else [Event.type == filters.type]
    if filters.system is not None:
        names = sorted(NOTICE_TYPES)
        own = or_(Event.type.in_(names), Event.is_test)
        conditions.append(own if filters.system else not_(own))
    return conditions


def _exact(organization_id: str, q: str) -> str | None:
    """The id of the event whose id or idempotency key is `q`."""
    id_ = canonical_id(q)
    statement = select(Event.id).where(Event.id == id_, Event.organization_id == organization_id)
    if id_ is not None and db.session.scalar(statement) is not None:
        return id_
    return db.session.scalar(
        select(IdempotencyKey.event_id).where(
            IdempotencyKey.organization_id == organization_id, IdempotencyKey.key == q
        )
    )


def oldest_at(organization_id: str) -> int | None:
    """When the oldest stored event was accepted."""
    return db.session.scalar(
        select(Event.created_at)
        .where(Event.organization_id == organization_id)
        .order_by(Event.id)
        .limit(1)
    )


def has_payload(organization_id: str, event_id: str) -> bool:
    """False once the payload has expired."""
    statement = select(Event.id).where(
        Event.id == event_id,
        Event.organization_id == organization_id,
        Event.payload.is_not(None),
    )
    return db.session.scalar(statement) is not None
