"""Lists and details of events."""

from collections import defaultdict
from dataclasses import dataclass, replace

from sqlalchemy import Select, func, not_, or_, select
from sqlalchemy.orm import defer

from app.domain.common.ids import canonical_id, ms_of
from app.domain.event_types.names import NOTICE_TYPES
from app.models import Delivery, Event, IdempotencyKey
from app.models.common.base import db
from app.queries.common.pages import (
    EXAMINED,
    EXAMINED_TEXTS,
    Page,
    Stretch,
    decode_cursor,
    next_cursor,
    searched,
    taken,
)
from app.queries.common.payload_text import payload_holds
from app.queries.common.scans import Condition, Scan, span_of, unindexed
from app.queries.deliveries.listing import DeliveryRow, rows_of
from app.queries.events.by_value import ValueScan

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
    organization_id: str,
    filters: EventFilter,
    limit: int = 50,
    cursor: str | None = None,
    *,
    examined: int | None = None,
) -> Page[Event]:
    """Newest first, with payloads deferred. examined: as `pages.searched` takes it."""
    below = decode_cursor(cursor)
    scan = _scan(organization_id, filters)
    if not isinstance(scan, Scan):
        # The index of values has bounds of its own.
        stretch = taken(scan.look(below, limit), limit)
        return Page(stretch.rows, next_cursor(stretch))

    def step(start: str | None, most: int, size: int) -> Stretch:
        bounded = replace(scan, examined=min(size, scan.examined))
        return taken(bounded.look(start, most), most)

    stretch = searched(step, below, limit, examined=examined)
    return Page(stretch.rows, next_cursor(stretch))


def ids_above(organization_id: str, filters: EventFilter, after: str, limit: int) -> Stretch:
    """Matching events that are newer than the id `after`; rows have an `id`. Fewer rows than
    `limit`, even none, do not mean the end: only an edge of None does."""
    if filters.value is not None:
        return _with_value_above(organization_id, filters, after, limit)
    scan = _scan(organization_id, filters)
    assert isinstance(scan, Scan)
    upwards = replace(scan, ids_only=True, options=())
    return taken(upwards.look(after, limit, upwards=True), limit)


def _with_value_above(
    organization_id: str, filters: EventFilter, after: str, limit: int
) -> Stretch:
    """The index of values is read downwards: an edge only says that there are more rows."""
    since = max(ms_of(after), filters.since or 0)
    stretch = _scan(organization_id, replace(filters, since=since)).look(None, limit)
    rows = [row for row in stretch.rows if row.id > after][:limit]
    return Stretch(rows, stretch.edge if rows else None)


def _scan(organization_id: str, filters: EventFilter) -> Scan | ValueScan:
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
    if filters.value is not None:
        checks = (*base, *rest)
        since, until = filters.since, filters.until
        return ValueScan(organization_id, filters.value, checks, since, until, _DEFERRED)
    span = span_of(filters.since, filters.until)
    return Scan(Event, tuple(base), tuple(rest), span, examined, _DEFERRED)


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
