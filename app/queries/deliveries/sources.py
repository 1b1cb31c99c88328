"""Where a page of deliveries is read from: the index that serves its filter best."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, TextClause, select

from app.domain.deliveries.states import PENDING, RETRYING, SENDING
from app.models import Delivery, Due
from app.models.base import db
from app.models.deliveries import TROUBLE
from app.queries.common.pages import EXAMINED, EXAMINED_TEXTS, Source, Stretch, cut
from app.queries.common.scans import Condition, Scan, read_rows, unindexed
from app.queries.deliveries.filters import OPEN_STATES, TROUBLE_STATES, Conditions, in_states

# Rows of the ledger that are looked at together.
TOGETHER = 500


def sources(found: Conditions, *, ids_only: bool = False) -> list[Source]:
    """All of them together hold what is wanted, and nothing else."""
    return [source.look for source in _sources(found, ids_only)]


def _sources(found: Conditions, ids_only: bool) -> "Sequence[Scan | _Ledger]":
    states = found.states
    elsewhere = (in_states(states),) if states else ()
    if found.one:
        rest = (*found.webhooks, *found.rest, *elsewhere)
        return [_scan(found, found.one, rest, ids_only, alone=True)]
    if states and states <= OPEN_STATES | TROUBLE_STATES:
        return _by_state(found, ids_only)
    if found.webhooks:
        return [_scan(found, found.webhooks, (*found.rest, *elsewhere), ids_only, alone=True)]
    return [_scan(found, (), (*found.rest, *elsewhere), ids_only)]


def _by_state(found: Conditions, ids_only: bool) -> "Sequence[Scan | _Ledger]":
    rest = (*found.webhooks, *found.rest)
    made: list[Scan | _Ledger] = [
        _scan(found, (TROUBLE, Delivery.state == state), rest, ids_only)
        for state in sorted(found.states & TROUBLE_STATES)
    ]
    if found.states & OPEN_STATES:
        made.append(_Ledger(found, found.states & OPEN_STATES, ids_only))
    return made


def _examined(found: Conditions) -> int:
    return EXAMINED_TEXTS if found.reads_payloads else EXAMINED


def _scan(
    found: Conditions,
    base: tuple[Condition | TextClause, ...],
    rest: tuple[Condition, ...],
    ids_only: bool,
    *,
    alone: bool = False,
) -> Scan:
    """alone: the base has an index without the organization."""
    column = unindexed(Delivery.organization_id) if alone else Delivery.organization_id
    own = column == found.organization_id
    span, examined = found.span, _examined(found)
    return Scan(Delivery, (own, *base), rest, span, examined, ids_only=ids_only)


class _Ledger:
    """Open deliveries stand in `due`: those of all organizations, so that a bounded number of its
    rows is looked at."""

    def __init__(self, found: Conditions, states: frozenset[str], ids_only: bool) -> None:
        self._found = found
        self._states = states
        self._ids_only = ids_only

    def look(self, start: str | None, limit: int, upwards: bool = False) -> Stretch:
        rows: list[Any] = []
        edge = start
        for _ in range(0, _examined(self._found), TOGETHER):
            open_ = self._next(edge, upwards)
            rows += self._wanted(open_, limit, upwards)
            if len(open_) < TOGETHER:
                return cut(rows[: limit + 1], None, limit)
            edge = open_[-1].delivery_id
            if len(rows) > limit:
                break
        return cut(rows[: limit + 1], edge, limit)

    def _next(self, start: str | None, upwards: bool) -> Sequence[Row[str, str, int | None]]:
        span, ids = self._found.span, Due.delivery_id
        span = span.above(start) if upwards else span.below(start)
        return db.session.execute(
            select(ids, Due.organization_id, Due.claimed_by)
            .where(*span.of(ids))
            .order_by(ids.asc() if upwards else ids.desc())
            .limit(TOGETHER)
        ).all()

    def _wanted(
        self, open_: Sequence[Row[str, str, int | None]], limit: int, upwards: bool
    ) -> list[Any]:
        mine = [row for row in open_ if row.organization_id == self._found.organization_id]
        claimed = [row.delivery_id for row in mine if row.claimed_by is not None]
        waiting = [row.delivery_id for row in mine if row.claimed_by is None]
        rows = self._rows(claimed, limit, upwards) if SENDING in self._states else []
        states = sorted(self._states & {PENDING, RETRYING})
        if states:
            rows += self._rows(waiting, limit, upwards, Delivery.state.in_(states))
        return sorted(rows, key=lambda row: row.id, reverse=not upwards)

    def _rows(self, ids: list[str], limit: int, upwards: bool, *more: Condition) -> list[Any]:
        if not ids:
            return []
        column = Delivery.id
        found = select(column) if self._ids_only else select(Delivery)
        rows = found.where(column.in_(ids), *self._found.webhooks, *self._found.rest, *more)
        ordered = rows.order_by(column.asc() if upwards else column.desc())
        return read_rows(ordered, limit, self._ids_only)
