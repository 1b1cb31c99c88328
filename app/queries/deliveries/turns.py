"""A webhook's deliveries, in pages that can be turned both ways, and how many are in each state."""

from collections.abc import Sequence

from sqlalchemy import func, select

from app.models import Delivery
from app.models.common.base import db
from app.queries.common.pages import EXAMINED
from app.queries.common.scans import Condition, Scan, span_of, unindexed
from app.queries.common.turns import Turn, Turned, turn
from app.queries.deliveries.filters import in_states, is_claimed

# Rows that counting reads at most.
COUNTED = 100_000


def page(
    organization_id: str,
    webhook_id: str,
    direction: Turn,
    limit: int,
    *,
    states: Sequence[str] = (),
    types: Sequence[str] = (),
    source: str | None = None,
    since: int | None = None,
    until: int | None = None,
) -> Turned:
    """since, until: milliseconds since the epoch, of acceptance, until excluded."""
    own = unindexed(Delivery.organization_id) == organization_id
    rest: list[Condition] = []
    if states:
        rest.append(in_states(frozenset(states)))
    if types:
        rest.append(Delivery.event_type.in_(list(types)))
    if source is not None:
        rest.append(Delivery.source == source)
    base = (own, Delivery.webhook_id == webhook_id)
    span = span_of(since, until)
    return turn(Scan(Delivery, base, tuple(rest), span, EXAMINED), direction, limit)


def states_of(
    organization_id: str, webhook_id: str, since: int | None, until: int | None
) -> dict[str, int]:
    """{state: deliveries}, of the newest COUNTED at most."""
    own = unindexed(Delivery.organization_id) == organization_id
    newest = (
        select(Delivery.state, is_claimed().label("claimed"))
        .where(own, Delivery.webhook_id == webhook_id, *span_of(since, until).of(Delivery.id))
        .order_by(Delivery.id.desc())
        .limit(COUNTED)
        .subquery()
    )
    states: dict[str, int] = {}
    counts = select(newest.c.state, newest.c.claimed, func.count())
    for state, claimed, number in db.session.execute(
        counts.group_by(newest.c.state, newest.c.claimed)
    ):
        name = "sending" if claimed else state
        states[name] = states.get(name, 0) + number
    return states
