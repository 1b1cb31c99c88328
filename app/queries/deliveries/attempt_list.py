"""Attempts of an organization, newest first, with bounded work for each page.

Read from two indexes (`domain.deliveries.lateness`): most attempts by the time of their delivery,
whose attempts are together, the newest one first; the others by their own time.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import defer

from app.domain.common.ids import first_id_of, is_id, ms_of
from app.domain.deliveries.lateness import LATEST_MS, SOONEST_MS
from app.models import Attempt, Delivery
from app.models.common.base import db
from app.models.deliveries import IS_LATE
from app.queries.common import pages
from app.queries.common.pace import Pace
from app.queries.common.pages import Page
from app.queries.common.scans import Condition, Span
from app.queries.deliveries import attempt_batches
from app.queries.deliveries.attempt_filters import (
    AttemptFilter,
    AttemptRow,
    of_attempts,
    of_deliveries,
    own,
)

# Late attempts that a step examines at most: each is looked up together with its delivery.
EXAMINED_LATE = 2_500
# Of created times and those in ids, which differ by the time that a transaction takes.
_MARGIN_MS = 60_000
_KEY = re.compile(r"([0-9]{1,14})\.([01])\.([0-9a-f-]{36})\.([0-9]{1,10})", re.ASCII)
# Kinds of position: at the same time, those of the first kind come later in the list.
_LATE, _PROMPT = 0, 1


@dataclass(frozen=True, order=True, slots=True)
class _Position:
    """Where an attempt is in the list, which is in descending order of positions. at: milliseconds
    since the epoch, of the delivery's creation or of the attempt's own start."""

    at: int
    kind: int
    delivery_id: str
    number: int

    @property
    def key(self) -> str:
        return f"{self.at}.{self.kind}.{self.delivery_id}.{self.number}"

    @classmethod
    def of_key(cls, key: str) -> "_Position":
        at, kind, delivery_id, number = key.split(".")
        return cls(int(at), int(kind), delivery_id, int(number))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """rows: by position, in the order of the list. edge: the last position that was examined; None:
    there are no more."""

    rows: list[tuple[_Position, AttemptRow]]
    edge: _Position | None


@dataclass(frozen=True, slots=True)
class _Search:
    organization_id: str
    filters: AttemptFilter
    pace: Pace


def page(
    organization_id: str, filters: AttemptFilter, limit: int = 50, cursor: str | None = None
) -> Page[AttemptRow]:
    """Without heads and bodies. A page may have fewer rows than `limit`, even none, and still a
    cursor. Invalid: a malformed cursor."""
    key = pages.decode_cursor(cursor, is_key=_is_key)
    edge = None if key is None else _Position.of_key(key)
    pace = Pace.starting(is_first=edge is None)
    rows: list[AttemptRow] = []
    for examined in pace.steps():
        stretch = _step(_Search(organization_id, filters, pace), edge, limit - len(rows), examined)
        rows += [row for _, row in stretch.rows]
        edge = stretch.edge
        if edge is None or len(rows) >= limit:
            break
    return Page(rows, None if edge is None else pages.encode_cursor(edge.key))


def searched_to(cursor: str | None) -> int | None:
    """The time down to which the page before this cursor has searched. Milliseconds."""
    key = pages.decode_cursor(cursor, is_key=_is_key)
    return None if key is None else _Position.of_key(key).at


def _is_key(text: str) -> bool:
    match = _KEY.fullmatch(text)
    return match is not None and is_id(match[3]) and int(match[4]) < 1 << 31


def _position(row: tuple[_Position, AttemptRow]) -> _Position:
    return row[0]


def _step(search: _Search, start: _Position | None, limit: int, examined: int) -> _Stretch:
    prompt = _prompt(search, start, limit, examined)
    late = _late(search, start, limit, min(examined, EXAMINED_LATE), prompt.edge)
    edge = max((part.edge for part in (prompt, late) if part.edge is not None), default=None)
    rows = sorted((*prompt.rows, *late.rows), key=_position, reverse=True)
    if edge is not None:
        rows = [row for row in rows if row[0] >= edge]
    if len(rows) > limit:
        rows, edge = rows[:limit], rows[limit - 1][0]
    return _Stretch(rows, edge)


def _prompt(search: _Search, start: _Position | None, limit: int, examined: int) -> _Stretch:
    """Found by their deliveries."""
    organization_id, filters = search.organization_id, search.filters
    span = _span(filters)
    beyond: list[Condition] = []
    if start is not None and start.kind == _PROMPT and start.number <= 1:
        span = span.below(start.delivery_id)
    elif start is not None and start.kind == _PROMPT:
        span = span.up_to(start.delivery_id)
        is_other = Attempt.delivery_id != start.delivery_id
        beyond = [or_(is_other, Attempt.number < start.number)]
    elif start is not None:
        # At the same time, late ones come after these.
        span = span.below(first_id_of(start.at))
    within = (*own(organization_id, filters), *span.of(Delivery.id))
    ids = select(Delivery.id).where(*within).order_by(Delivery.id.desc())
    edge_id: str | None = db.session.scalar(ids.offset(examined - 1).limit(1))
    also = (Attempt.late_at.is_(None), *beyond)
    span = span.down_to(edge_id)
    batch = attempt_batches.read(
        organization_id, filters, span, limit + 1, also=also, pace=search.pace
    )
    edge_id = batch.last or edge_id
    edge = None if edge_id is None else _Position(ms_of(edge_id), _PROMPT, edge_id, 0)
    return _stretch(batch.rows, edge, limit, _PROMPT)


def _late(
    search: _Search, start: _Position | None, limit: int, examined: int, end: _Position | None
) -> _Stretch:
    """Found by the time at which they started. end: others of this step are not below it."""
    organization_id, filters = search.organization_id, search.filters
    columns = (Attempt.late_at, Attempt.delivery_id, Attempt.number)
    conditions: list[Any] = [
        Attempt.organization_id == organization_id,
        IS_LATE,
        *_late_times(filters, start, end),
    ]
    if start is not None and start.kind == _LATE:
        conditions.append(_below(columns, (start.at, start.delivery_id, start.number)))
    order = [column.desc() for column in columns]
    bounded = select(*columns).where(*conditions).order_by(*order).offset(examined - 1).limit(1)
    last = db.session.execute(bounded).first()
    edge = None
    if last is not None:
        edge = _Position(last[0] or 0, _LATE, last[1], last[2])
        conditions.append(Attempt.late_at >= last[0])
    if filters.webhook_id is not None:
        conditions.append(Attempt.webhook_id == filters.webhook_id)
    if filters.delivery_id is not None:
        conditions.append(Attempt.delivery_id == filters.delivery_id)
    if filters.event_id is not None:
        conditions.append(Delivery.event_id == filters.event_id)
    large = (Attempt.stored_head, Attempt.response_head, Attempt.response_body)
    attempts = (
        select(Attempt, Delivery)
        .join(Delivery, Attempt.delivery_id == Delivery.id)
        .where(*conditions, *of_deliveries(filters), *of_attempts(filters))
        .options(*(defer(column) for column in large))
        .order_by(*order)
        .limit(limit + 1)
    )
    rows = [AttemptRow(*row) for row in db.session.execute(attempts)]
    return _stretch(rows, edge, limit, _LATE)


def _late_times(
    filters: AttemptFilter, start: _Position | None, end: _Position | None
) -> list[Condition]:
    lowest = [filters.since] if filters.since is not None else []
    highest = [filters.until] if filters.until is not None else []
    if start is not None:
        highest.append(start.at + 1)
    if end is not None:
        # Those of the same time as a position of deliveries are below it.
        lowest.append(end.at + 1)
    conditions: list[Condition] = [Attempt.late_at >= max(lowest)] if lowest else []
    return [*conditions, Attempt.late_at < min(highest)] if highest else conditions


def _below(columns: Sequence[Any], values: tuple[int, str, int]) -> Condition:
    (at, ids, numbers), (time, id_, number) = columns, values
    return or_(at < time, and_(at == time, or_(ids < id_, and_(ids == id_, numbers < number))))


def _stretch(rows: Sequence[AttemptRow], edge: _Position | None, limit: int, kind: int) -> _Stretch:
    positioned = [(_position_of(row.attempt, kind), row) for row in rows]
    return _Stretch(positioned, positioned[limit][0] if len(rows) > limit else edge)


def _position_of(attempt: Attempt, kind: int) -> _Position:
    at = attempt.started_at if kind == _LATE else ms_of(attempt.delivery_id)
    return _Position(at, kind, attempt.delivery_id, attempt.number)


def _span(filters: AttemptFilter) -> Span:
    """The deliveries that may have such attempts, except for late ones."""
    since, until = filters.since, filters.until
    return Span(
        None if since is None else first_id_of(since - LATEST_MS - _MARGIN_MS),
        None if until is None else first_id_of(until - SOONEST_MS + _MARGIN_MS),
    )
