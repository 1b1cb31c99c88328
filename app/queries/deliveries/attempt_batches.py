"""Read the attempts of deliveries in batches of deliveries.

In a join, PostgreSQL reads the whole table of attempts if it expects few of them to match."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer

from app.models import Attempt, Delivery
from app.models.common.base import db
from app.queries.common.pace import Pace
from app.queries.common.scans import Condition, Span
from app.queries.deliveries.attempt_filters import (
    AttemptFilter,
    AttemptRow,
    likely,
    of_attempts,
    of_deliveries,
    own,
)
from app.store.id_filter import id_in

# Deliveries whose attempts are read together; the first time, as many as rows are asked for, then
# these numbers, since each batch has a cost of its own.
AT_ONCE = (500, 2_000)
# Attempts that a page examines, at least those of one delivery; the next page continues.
EXAMINED_ATTEMPTS = 10_000


@dataclass(frozen=True, slots=True)
class Batch:
    """last: the delivery at which reading ended, if its attempts or those before were too many to
    reach the end of the span."""

    rows: list[AttemptRow]
    last: str | None


def read(
    organization_id: str,
    filters: AttemptFilter,
    span: Span,
    limit: int,
    *,
    also: Sequence[Condition] = (),
    upwards: bool = False,
    with_bodies: bool = False,
    pace: Pace | None = None,
) -> Batch:
    """The first `limit` matching attempts, ordered by delivery, then number; newest first, or
    oldest first if `upwards`. span: of the ids of deliveries, which bounds the work. also:
    conditions on attempts. pace: when to end early."""
    attempts: list[Attempt] = []
    left = EXAMINED_ATTEMPTS
    conditions = (*own(organization_id, filters), *of_deliveries(filters), *likely(filters))
    size = limit
    while True:
        statement = select(Delivery.id, Delivery.attempts).where(*conditions, *span.of(Delivery.id))
        ordered = statement.order_by(*_ordered([Delivery.id], upwards))
        rows = db.session.execute(ordered.limit(size)).all()
        ids, left = _taken(rows, left)
        if ids:
            mine = id_in(db.session.connection(), Attempt.delivery_id, ids)
            matching = (mine, *of_attempts(filters), *also)
            attempts += _attempts(matching, limit - len(attempts), upwards, with_bodies)
        if len(attempts) >= limit or len(ids) == len(rows) < size:
            return Batch(_with_deliveries(attempts), None)
        if left <= 0 or (pace is not None and pace.is_over):
            return Batch(_with_deliveries(attempts), ids[-1])
        span = span.above(ids[-1]) if upwards else span.below(ids[-1])
        size = next((number for number in AT_ONCE if number > size), AT_ONCE[-1])


def _taken(rows: Sequence[Any], left: int) -> tuple[list[str], int]:
    """Ids of the first deliveries, until these have `left` attempts, and how many are left then."""
    ids: list[str] = []
    for id_, attempts in rows:
        if left <= 0:
            break
        ids.append(id_)
        left -= attempts
    return ids, left


def _with_deliveries(attempts: Sequence[Attempt]) -> list[AttemptRow]:
    ids = {attempt.delivery_id for attempt in attempts}
    if not ids:
        return []
    rows = db.session.scalars(select(Delivery).where(Delivery.id.in_(ids)))
    deliveries = {row.id: row for row in rows}
    # One may have been deleted in between.
    return [
        AttemptRow(attempt, deliveries[attempt.delivery_id])
        for attempt in attempts
        if attempt.delivery_id in deliveries
    ]


def _attempts(
    matching: Sequence[Condition], limit: int, upwards: bool, with_bodies: bool
) -> Sequence[Attempt]:
    """Without heads."""
    columns = (Attempt.delivery_id, Attempt.number)
    large = [Attempt.stored_head, Attempt.response_head]
    if not with_bodies:
        large.append(Attempt.response_body)
    statement = select(Attempt).where(*matching).options(*(defer(column) for column in large))
    return db.session.scalars(statement.order_by(*_ordered(columns, upwards)).limit(limit)).all()


def _ordered(columns: Sequence[Any], upwards: bool) -> list[Any]:
    return [column.asc() if upwards else column.desc() for column in columns]
