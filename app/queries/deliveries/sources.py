"""Choose the indexes that a page of deliveries is read from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, TextClause, select

from app.domain.deliveries.states import PENDING, RETRYING, SENDING
from app.models import Delivery, Due
from app.models.common.base import db
from app.models.deliveries import TROUBLE
from app.queries.common.pages import EXAMINED, EXAMINED_TEXTS, Source, Stretch, cut
from app.queries.common.scans import Condition, Scan, read_rows, unindexed
from app.queries.deliveries.filters import OPEN_STATES, TROUBLE_STATES, Conditions, in_states

# Rows of the due queue examined together.
BATCH_SIZE = 500


def sources(
    conditions: Conditions, *, ids_only: bool = False, examined: int | None = None
) -> list[Source]:
    """Together they return exactly the matching deliveries. examined: rows, at most, if that is
    less than what does not take long."""
    chosen = scans(conditions, ids_only=ids_only)
    if examined is not None:
        chosen = [replace(scan, examined=min(examined, scan.examined)) for scan in chosen]
    return [scan.look for scan in chosen]


def scans(conditions: Conditions, *, ids_only: bool) -> "Sequence[Scan | _DueQueue]":
    """The same, before they are read."""
    states = conditions.states
    by_state = (in_states(states),) if states else ()
    if conditions.single:
        rest = (*conditions.webhooks, *conditions.rest, *by_state)
        return [_scan(conditions, conditions.single, rest, ids_only, alone=True)]
    if states and states <= OPEN_STATES | TROUBLE_STATES:
        return _by_state(conditions, ids_only)
    if conditions.webhooks:
        return [
            _scan(
                conditions, conditions.webhooks, (*conditions.rest, *by_state), ids_only, alone=True
            )
        ]
    return [_scan(conditions, (), (*conditions.rest, *by_state), ids_only)]


def _by_state(conditions: Conditions, ids_only: bool) -> "Sequence[Scan | _DueQueue]":
    rest = (*conditions.webhooks, *conditions.rest)
    scans: list[Scan | _DueQueue] = [
        _scan(conditions, (TROUBLE, Delivery.state == state), rest, ids_only)
        for state in sorted(conditions.states & TROUBLE_STATES)
    ]
    if conditions.states & OPEN_STATES:
        open_ = conditions.states & OPEN_STATES
        scans.append(_DueQueue(conditions, open_, ids_only, _examined(conditions)))
    return scans


def _examined(conditions: Conditions) -> int:
    return EXAMINED_TEXTS if conditions.reads_payloads else EXAMINED


def _scan(
    conditions: Conditions,
    base: tuple[Condition | TextClause, ...],
    rest: tuple[Condition, ...],
    ids_only: bool,
    *,
    alone: bool = False,
) -> Scan:
    """alone: the index of the base does not contain the organization."""
    column = unindexed(Delivery.organization_id) if alone else Delivery.organization_id
    own = column == conditions.organization_id
    span, examined = conditions.span, _examined(conditions)
    return Scan(Delivery, (own, *base), rest, span, examined, ids_only=ids_only)


@dataclass(frozen=True, slots=True)
class _DueQueue:
    """Open deliveries, read from `due`. It has rows of all organizations, so the number of rows
    examined is bounded."""

    _conditions: Conditions
    _states: frozenset[str]
    _ids_only: bool
    examined: int

    def look(self, start: str | None, limit: int, upwards: bool = False) -> Stretch:
        rows: list[Any] = []
        edge = start
        for _ in range(0, self.examined, BATCH_SIZE):
            open_ = self._next(edge, upwards)
            rows += self._matching(open_, limit, upwards)
            if len(open_) < BATCH_SIZE:
                return cut(rows[: limit + 1], None, limit)
            edge = open_[-1].delivery_id
            if len(rows) > limit:
                break
        return cut(rows[: limit + 1], edge, limit)

    def _next(self, start: str | None, upwards: bool) -> Sequence[Row[str, str, int | None]]:
        span, ids = self._conditions.span, Due.delivery_id
        span = span.above(start) if upwards else span.below(start)
        return db.session.execute(
            select(ids, Due.organization_id, Due.claimed_by)
            .where(*span.of(ids))
            .order_by(ids.asc() if upwards else ids.desc())
            .limit(BATCH_SIZE)
        ).all()

    def _matching(
        self, open_: Sequence[Row[str, str, int | None]], limit: int, upwards: bool
    ) -> list[Any]:
        own = [row for row in open_ if row.organization_id == self._conditions.organization_id]
        claimed = [row.delivery_id for row in own if row.claimed_by is not None]
        waiting = [row.delivery_id for row in own if row.claimed_by is None]
        rows = self._rows(claimed, limit, upwards) if SENDING in self._states else []
        states = sorted(self._states & {PENDING, RETRYING})
        if states:
            rows += self._rows(waiting, limit, upwards, Delivery.state.in_(states))
        return sorted(rows, key=lambda row: row.id, reverse=not upwards)

    def _rows(self, ids: list[str], limit: int, upwards: bool, *more: Condition) -> list[Any]:
        if not ids:
            return []
        column = Delivery.id
        statement = select(column) if self._ids_only else select(Delivery)
        rows = statement.where(
            column.in_(ids), *self._conditions.webhooks, *self._conditions.rest, *more
        )
        ordered = rows.order_by(column.asc() if upwards else column.desc())
        return read_rows(ordered, limit, self._ids_only)
