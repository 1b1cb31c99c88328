"""Where a page of deliveries is read from: the index that serves its filter best."""

from collections.abc import Sequence

from sqlalchemy import Row, select

from app.domain.states import PENDING, RETRYING, SENDING
from app.extensions import db
from app.models import Delivery, Due
from app.models.delivery import TROUBLE
from app.queries.delivery_filters import OPEN_STATES, TROUBLE_STATES, Conditions, in_states
from app.queries.pages import EXAMINED, EXAMINED_TEXTS, Source, Stretch, cut
from app.queries.scans import Condition, Scan, unindexed

# Rows of the ledger that are looked at together.
TOGETHER = 500


def sources(found: Conditions) -> list[Source]:
    """All of them together hold what is wanted, and nothing else."""
    states = found.states
    elsewhere = (in_states(states),) if states else ()
    if found.one:
        return [_scan(found, found.one, (*found.webhooks, *found.rest, *elsewhere), alone=True)]
    if states and states <= OPEN_STATES | TROUBLE_STATES:
        return _by_state(found)
    if found.webhooks:
        return [_scan(found, found.webhooks, (*found.rest, *elsewhere), alone=True)]
    return [_scan(found, (), (*found.rest, *elsewhere))]


def _by_state(found: Conditions) -> list[Source]:
    rest = (*found.webhooks, *found.rest)
    made = [
        _scan(found, (TROUBLE, Delivery.state == state), rest)
        for state in sorted(found.states & TROUBLE_STATES)
    ]
    if found.states & OPEN_STATES:
        made.append(_Ledger(found, found.states & OPEN_STATES).look)
    return made


def _examined(found: Conditions) -> int:
    return EXAMINED_TEXTS if found.reads_payloads else EXAMINED


def _scan(
    found: Conditions,
    base: tuple[Condition, ...],
    rest: tuple[Condition, ...],
    *,
    alone: bool = False,
) -> Source:
    """alone: the base has an index without the organization."""
    column = unindexed(Delivery.organization_id) if alone else Delivery.organization_id
    own = column == found.organization_id
    return Scan(Delivery, (own, *base), rest, found.span, _examined(found)).look


class _Ledger:
    """Open deliveries stand in `due`: those of all organizations, so that a bounded number of its
    rows is looked at."""

    def __init__(self, found: Conditions, states: frozenset[str]) -> None:
        self._found = found
        self._states = states

    def look(self, below: str | None, limit: int) -> Stretch:
        rows: list[Delivery] = []
        floor = below
        for _ in range(0, _examined(self._found), TOGETHER):
            open_ = self._next(floor)
            rows += self._wanted(open_, limit)
            if len(open_) < TOGETHER:
                return cut(rows[: limit + 1], None, limit)
            floor = open_[-1].delivery_id
            if len(rows) > limit:
                break
        return cut(rows[: limit + 1], floor, limit)

    def _next(self, below: str | None) -> Sequence[Row[str, str, int | None]]:
        span = self._found.span.below(below)
        return db.session.execute(
            select(Due.delivery_id, Due.organization_id, Due.claimed_by)
            .where(*span.of(Due.delivery_id))
            .order_by(Due.delivery_id.desc())
            .limit(TOGETHER)
        ).all()

    def _wanted(self, open_: Sequence[Row[str, str, int | None]], limit: int) -> list[Delivery]:
        mine = [row for row in open_ if row.organization_id == self._found.organization_id]
        claimed = [row.delivery_id for row in mine if row.claimed_by is not None]
        waiting = [row.delivery_id for row in mine if row.claimed_by is None]
        rows = self._rows(claimed, limit) if SENDING in self._states else []
        states = sorted(self._states & {PENDING, RETRYING})
        if states:
            rows += self._rows(waiting, limit, Delivery.state.in_(states))
        return sorted(rows, key=lambda row: row.id, reverse=True)

    def _rows(self, ids: list[str], limit: int, *more: Condition) -> list[Delivery]:
        if not ids:
            return []
        found = select(Delivery).where(
            Delivery.id.in_(ids), *self._found.webhooks, *self._found.rest, *more
        )
        newest = found.order_by(Delivery.id.desc()).limit(limit + 1)
        return list(db.session.scalars(newest.execution_options(populate_existing=True)))
