"""What is old enough to go, the oldest first: an id holds its own time, so that the index of an
organization's events finds it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from app.domain.deliveries.states import PENDING, RETRYING
from app.models import Delivery, Event, HeldPayload
from app.store.sessions import WriteSession

# What one transaction takes away at most: a few milliseconds of work.
EVENTS = 100
WEIGHT = 400
# Of a payload; as much as a row weighs.
BYTES_OF_WEIGHT = 16_384


@dataclass(frozen=True, slots=True)
class Old:
    """An event, by what it costs to take it away: rows, and bytes in units of a row."""

    id: str
    weight: int


def oldest(
    session: WriteSession, organization_id: str, after: str | None, until: str
) -> tuple[Old, ...]:
    """Events with ids above `after` and below `until`."""
    found = select(Event.id, func.length(Event.payload)).where(
        Event.organization_id == organization_id, Event.id < until
    )
    if after is not None:
        found = found.where(Event.id > after)
    rows = session.execute(found.order_by(Event.id).limit(EVENTS)).all()
    return tuple(Old(row[0], 1 + (row[1] or 0) // BYTES_OF_WEIGHT) for row in rows)


def held(session: WriteSession, organization_id: str, after: str | None) -> tuple[str, ...]:
    """Events whose payloads could not expire when their time came."""
    found = select(HeldPayload.event_id).where(HeldPayload.organization_id == organization_id)
    if after is not None:
        found = found.where(HeldPayload.event_id > after)
    return tuple(session.scalars(found.order_by(HeldPayload.event_id).limit(EVENTS)))


def with_deliveries(session: WriteSession, events: Sequence[Old]) -> tuple[Old, ...]:
    """The same with the weight of their deliveries and attempts."""
    found = session.execute(
        select(Delivery.event_id, func.count() + func.coalesce(func.sum(Delivery.attempts), 0))
        .where(Delivery.event_id.in_([event.id for event in events]))
        .group_by(Delivery.event_id)
    )
    weights = {row[0]: int(row[1]) for row in found}
    return tuple(Old(event.id, event.weight + weights.get(event.id, 0)) for event in events)


def light(events: Sequence[Old]) -> list[str]:
    """As many as one transaction takes, one at least."""
    ids: list[str] = []
    weight = 0
    for event in events:
        weight += event.weight
        if ids and weight > WEIGHT:
            break
        ids.append(event.id)
    return ids


def busy(session: WriteSession, event_ids: Sequence[str], since: int | None = None) -> set[str]:
    """Events with an open delivery, or one that changed after `since`."""
    is_busy = Delivery.state.in_((PENDING, RETRYING))
    if since is not None:
        is_busy = or_(is_busy, Delivery.updated_at > since)
    return set(
        session.scalars(
            select(Delivery.event_id).where(Delivery.event_id.in_(event_ids), is_busy).distinct()
        )
    )


def ended_deliveries(
    session: WriteSession, event_ids: Sequence[str], since: int
) -> tuple[list[str], bool]:
    """Deliveries of these events that are neither open nor changed after `since`, locked, as many
    as one transaction takes; and whether these are all."""
    rows = session.execute(
        select(Delivery.id, Delivery.attempts)
        .where(
            Delivery.event_id.in_(event_ids),
            Delivery.state.not_in((PENDING, RETRYING)),
            Delivery.updated_at <= since,
        )
        .limit(WEIGHT + 1)
        .with_for_update(skip_locked=True)
    ).all()
    taken = light([Old(row[0], 1 + row[1]) for row in rows])
    return taken, len(taken) == len(rows)
