"""How many deliveries of a filtered list are in each state, counted in the database with bounded
work: two statements, whatever is stored."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Integer, Select, and_, case, cast, func, literal, select, true, union_all

from app.domain.common.ids import canonical_id
from app.domain.deliveries.states import SENDING, STATES, SUCCEEDED
from app.models import Delivery, Due, Webhook
from app.models.common.base import db
from app.queries.common.scans import Condition, Scan, unindexed
from app.queries.deliveries.filters import (
    TROUBLE_STATES,
    Conditions,
    DeliveryFilter,
    conditions,
    is_claimed,
)
from app.queries.deliveries.sources import scans
from app.queries.deliveries.walks import Counted

# Counting stops here; more is shown as "1 000+".
AT_MOST = 1_000
# Rows examined: of each index, of the due queue, and of one event or job.
EXAMINED, OPEN, SINGLE = 2_000, 2_000, 5_000


def by_state(organization_id: str, filters: DeliveryFilter) -> dict[str, Counted]:
    """{state: count}, and under "" that of all states. The states of the filter do not matter.
    Empty if payloads would have to be read, also to check what the index of values has."""
    if filters.value is not None:
        return {}
    matching = conditions(organization_id, replace(filters, states=()))
    if matching is None:
        return dict.fromkeys(("", *STATES), Counted(0, is_all=True))
    if matching.reads_payloads:
        return {}
    if matching.single:
        return _of_single(matching)
    return _ended(matching) | _open(matching, canonical_id(filters.webhook_id))


def _ended(matching: Conditions) -> dict[str, Counted]:
    """All, succeeded, and each state of trouble, which has an index."""
    counts = {}
    parts = [_part(matching, state) for state in ("", *sorted(TROUBLE_STATES))]
    for state, number, succeeded, examined in db.session.execute(union_all(*parts)):
        is_all = examined <= EXAMINED
        counts[state] = _counted(number or 0, is_all=is_all)
        if not state:
            counts[SUCCEEDED] = _counted(succeeded or 0, is_all=is_all)
    return counts


def _part(matching: Conditions, state: str) -> Select[*tuple[Any, ...]]:
    """(state, matching, succeeded, examined) of the newest rows. state: "" for all."""
    wanted = replace(matching, states=frozenset({state} - {""}))
    [scan] = (scan for scan in scans(wanted, ids_only=True) if isinstance(scan, Scan))
    newest = (
        select(Delivery.state, _is(scan.rest).label("fits"))
        .where(*scan.base, *scan.span.of(Delivery.id))
        .order_by(Delivery.id.desc())
        .limit(EXAMINED + 1)
        .subquery()
        .c
    )
    succeeded = func.sum(case((newest.state == SUCCEEDED, newest.fits), else_=0))
    return select(literal(state), func.sum(newest.fits), succeeded, func.count())


def _open(matching: Conditions, webhook_id: str | None) -> dict[str, Counted]:
    """By the webhooks of the organization, so that other organizations' backlog costs nothing."""
    own = [Webhook.organization_id == matching.organization_id]
    if webhook_id is not None:
        own.append(Webhook.id == webhook_id)
    examined = (
        select(Due.delivery_id, Due.claimed_by.is_not(None).label("claimed"))
        .join(Webhook, Webhook.id == Due.webhook_id)
        .where(*own, *matching.span.of(unindexed(Due.delivery_id)))
        .limit(OPEN + 1)
        .subquery()
        .c
    )
    fits = _is((*matching.webhooks, *matching.rest))
    rows = db.session.execute(
        select(Delivery.state, examined.claimed, func.sum(fits), func.count())
        .join_from(examined.delivery_id.table, Delivery, Delivery.id == examined.delivery_id)
        .group_by(Delivery.state, examined.claimed)
    ).all()
    return _by_name(rows, OPEN, ("pending", "retrying", SENDING))


def _of_single(matching: Conditions) -> dict[str, Counted]:
    """Of one event, delivery or job."""
    [scan] = (scan for scan in scans(matching, ids_only=True) if isinstance(scan, Scan))
    newest = (
        select(Delivery.state, is_claimed().label("claimed"), _is(scan.rest).label("fits"))
        .where(*scan.base, *scan.span.of(Delivery.id))
        .limit(SINGLE + 1)
        .subquery()
        .c
    )
    rows = db.session.execute(
        select(newest.state, newest.claimed, func.sum(newest.fits), func.count()).group_by(
            newest.state, newest.claimed
        )
    ).all()
    counts = _by_name(rows, SINGLE, tuple(STATES))
    total = sum(row[2] for row in rows)
    return counts | {"": _counted(total, is_all=sum(row[3] for row in rows) <= SINGLE)}


def _by_name(rows: Iterable[Any], limit: int, names: tuple[str, ...]) -> dict[str, Counted]:
    """rows: (stored state, claimed, matching, examined)."""
    numbers: Counter[str] = Counter()
    examined = 0
    for state, claimed, number, size in rows:
        numbers[SENDING if claimed else state] += number
        examined += size
    return {name: _counted(numbers[name], is_all=examined <= limit) for name in names}


def _is(rest: Iterable[Condition]) -> Any:
    """1 for rows that match, else 0."""
    return cast(case((and_(true(), *rest), 1), else_=0), Integer)


def _counted(number: int, *, is_all: bool) -> Counted:
    return Counted(min(number, AT_MOST), is_all and number <= AT_MOST)
