"""Where a page of deliveries is read from: the index that serves its filter, or a bounded number
of rows, newest first."""

from sqlalchemy import Select, and_, or_, select

from app.domain.states import PENDING, RETRYING, SENDING
from app.extensions import db
from app.models import Delivery, Due
from app.queries.delivery_filters import (
    OPEN_STATES,
    TROUBLE_STATES,
    Condition,
    Conditions,
    in_states,
)
from app.queries.pages import EXAMINED, EXAMINED_TEXTS, Source, Stretch, cut


def sources(found: Conditions) -> list[Source]:
    """All of them together hold what is wanted, and nothing else."""
    states = found.states
    if not states:
        return [_scan(found, (), found.rest)]
    if found.is_narrow or not states <= OPEN_STATES | TROUBLE_STATES:
        return [_scan(found, (), (*found.rest, in_states(states)))]
    made = [
        _scan(found, (Delivery.state == state,), found.rest)
        for state in sorted(states & TROUBLE_STATES)
    ]
    if states & OPEN_STATES:
        made.append(_open(found, states & OPEN_STATES))
    return made


def _examined(found: Conditions) -> int:
    return EXAMINED_TEXTS if found.reads_payloads else EXAMINED


def _scan(found: Conditions, more: tuple[Condition, ...], rest: tuple[Condition, ...]) -> Source:
    """Along an index; with a rest, only so many rows of it."""

    def look(below: str | None, limit: int) -> Stretch:
        base = [*found.base, *more]
        if below is not None:
            base.append(Delivery.id < below)
        floor = None
        if rest:
            window = select(Delivery.id).where(*base).order_by(Delivery.id.desc())
            floor = db.session.scalar(window.offset(_examined(found) - 1).limit(1))
        if floor is not None:
            base.append(Delivery.id >= floor)
        rows = _rows(select(Delivery).where(*base, *rest).order_by(Delivery.id.desc()), limit)
        return cut(rows, floor, limit)

    return look


def _open(found: Conditions, states: frozenset[str]) -> Source:
    """From the ledger, which holds the open ones alone: of all organizations, in no index of
    ours, so that a bounded number of its rows is looked at."""

    def look(below: str | None, limit: int) -> Stretch:
        window = select(Due.delivery_id, Due.claimed_by).order_by(Due.delivery_id.desc())
        if below is not None:
            window = window.where(Due.delivery_id < below)
        last = window.with_only_columns(Due.delivery_id).offset(_examined(found) - 1).limit(1)
        floor = db.session.scalar(last)
        open_ = window.limit(_examined(found)).subquery()
        rows = _rows(
            select(Delivery)
            .join(open_, open_.c.delivery_id == Delivery.id)
            .where(*found.base, *found.rest, _claimed(open_.c.claimed_by, states))
            .order_by(open_.c.delivery_id.desc()),
            limit,
        )
        return cut(rows, floor, limit)

    return look


def _claimed(claimed_by: Condition, states: frozenset[str]) -> Condition:
    waiting = sorted(states & {PENDING, RETRYING})
    is_waiting = and_(claimed_by.is_(None), Delivery.state.in_(waiting))
    return or_(is_waiting, claimed_by.is_not(None)) if SENDING in states else is_waiting


def _rows(statement: Select[Delivery], limit: int) -> list[Delivery]:
    """One more than is wanted, which tells whether the page is the last."""
    fresh = statement.limit(limit + 1).execution_options(populate_existing=True)
    return list(db.session.scalars(fresh))
