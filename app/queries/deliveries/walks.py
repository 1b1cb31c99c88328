"""Walk along a filtered list of deliveries, with bounded steps."""

from dataclasses import dataclass, replace

from app.queries.common.pages import Stretch, merged
from app.queries.common.scans import Condition
from app.queries.deliveries.filters import DeliveryFilter, conditions
from app.queries.deliveries.sources import sources

# Counting stops here, or after STEPS steps, each of which may examine `pages.EXAMINED` rows; more
# is shown as "more than".
COUNTED = 5_000
STEPS = 5


@dataclass(frozen=True, slots=True)
class Counted:
    """is_all: whether there are no more than `number`."""

    number: int
    is_all: bool


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Ids of the next and previous delivery of a list. None: there is none among the rows that were
    examined."""

    newer: str | None
    older: str | None


def neighbours(organization_id: str, filters: DeliveryFilter, delivery_id: str) -> Neighbours:
    """The delivery itself need not match the filter."""
    rows_by_direction = [
        _step(organization_id, filters, delivery_id, 1, upwards=upwards).rows
        for upwards in (True, False)
    ]
    newer, older = (rows[0].id if rows else None for rows in rows_by_direction)
    return Neighbours(newer, older)


def ids_above(
    organization_id: str,
    filters: DeliveryFilter,
    after: str | None,
    limit: int,
    also: Condition | None = None,
) -> Stretch:
    """The next matching deliveries, oldest first; rows have only an `id`. Fewer rows than `limit`,
    even none, do not mean the end: only an edge of None does."""
    return _step(organization_id, filters, after, limit, also, upwards=True)


def counted(
    organization_id: str,
    filters: DeliveryFilter,
    after: str | None = None,
    also: Condition | None = None,
    *,
    at_most: int = COUNTED,
    steps: int | None = None,
) -> Counted:
    """Count matching deliveries from `after` on. steps: None for STEPS."""
    number = 0
    for _ in range(steps or STEPS):
        stretch = ids_above(organization_id, filters, after, at_most - number, also)
        number += len(stretch.rows)
        if stretch.edge is None or number >= at_most:
            return Counted(number, is_all=stretch.edge is None)
        after = stretch.edge
    return Counted(number, is_all=False)


def _step(
    organization_id: str,
    filters: DeliveryFilter,
    start: str | None,
    limit: int,
    also: Condition | None = None,
    *,
    upwards: bool,
) -> Stretch:
    matching = conditions(organization_id, filters)
    if matching is None:
        return Stretch([], None)
    if also is not None:
        matching = replace(matching, rest=(*matching.rest, also))
    return merged(sources(matching, ids_only=True), start, limit, upwards=upwards)
