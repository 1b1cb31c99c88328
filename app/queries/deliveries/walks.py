"""Walks along a list of deliveries, each step bounded: to its neighbours, and to all of a set."""

from dataclasses import dataclass, replace

from app.queries.common.pages import Stretch, merged
from app.queries.common.scans import Condition
from app.queries.deliveries.filters import DeliveryFilter, conditions
from app.queries.deliveries.sources import sources

# Counting ends here, or after so many steps; more is said to be "more than".
COUNTED = 5_000
STEPS = 10


@dataclass(frozen=True, slots=True)
class Counted:
    """number: how many were found; is_all: whether there are no more."""

    number: int
    is_all: bool


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Ids of the deliveries before and after one in a list that shows the newest first. None: there
    is none, or none within as many rows as are looked at."""

    newer: str | None
    older: str | None


def neighbours(organization_id: str, wanted: DeliveryFilter, delivery_id: str) -> Neighbours:
    """Also of a delivery that itself is not, or not any more, what is wanted."""
    found = [
        _step(organization_id, wanted, delivery_id, 1, upwards=upwards).rows
        for upwards in (True, False)
    ]
    newer, older = (rows[0].id if rows else None for rows in found)
    return Neighbours(newer, older)


def ids_above(
    organization_id: str,
    wanted: DeliveryFilter,
    after: str | None,
    limit: int,
    also: Condition | None = None,
) -> Stretch:
    """The next `limit` of a set, the oldest first; rows have an `id` alone. There may be fewer, or
    none, and yet more to come: only an edge of None is the end."""
    return _step(organization_id, wanted, after, limit, also, upwards=True)


def counted(
    organization_id: str,
    wanted: DeliveryFilter,
    after: str | None = None,
    also: Condition | None = None,
    at_most: int = COUNTED,
) -> Counted:
    """How many there are from `after` on."""
    number = 0
    for _ in range(STEPS):
        stretch = ids_above(organization_id, wanted, after, at_most - number, also)
        number += len(stretch.rows)
        if stretch.edge is None or number >= at_most:
            return Counted(number, is_all=stretch.edge is None)
        after = stretch.edge
    return Counted(number, is_all=False)


def _step(
    organization_id: str,
    wanted: DeliveryFilter,
    start: str | None,
    limit: int,
    also: Condition | None = None,
    *,
    upwards: bool,
) -> Stretch:
    found = conditions(organization_id, wanted)
    if found is None:
        return Stretch([], None)
    if also is not None:
        found = replace(found, rest=(*found.rest, also))
    return merged(sources(found, ids_only=True), start, limit, upwards=upwards)
