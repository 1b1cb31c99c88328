"""Reports: what is read of one organization after the other."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.domain.common.errors import TooLarge
from app.domain.jobs.kinds import DELIVERY_COUNTS, EVENT_TYPES
from app.models import Organization
from app.models.common.base import db
from app.queries import webhooks as webhook_queries
from app.queries.accounts import organizations as organization_queries
from app.queries.common.turns import Turn
from app.queries.deliveries import listing as delivery_queries
from app.queries.deliveries.filters import DeliveryFilter
from app.services.jobs.arguments import Subjects

AT_ONCE = 100
# A step records all that was found so far, so it is not too short. The lease is much longer.
STEP_SECONDS = 1.0
# More would not fit a response.
MAX_ORGANIZATIONS = 10_000

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """number: of organizations. edge: the last one; None: there are no more. result: its `rows`
    have the `id` and `uid` of an organization, and `names` and `has_all`, or `number`."""

    number: int
    edge: str | None
    result: Result


def more(kind: str, subjects: Subjects, result: Result, position: str | None) -> Found:
    """The next organizations behind `position`, added to `result`. TooLarge: there are too many."""
    read, rows, ids = _READERS[kind], list(result.get("rows", ())), subjects.ids
    before, stop = len(rows), time.monotonic() + STEP_SECONDS
    while True:
        turned = organization_queries.page(Turn(position), AT_ONCE, ids)
        rows += [{"id": row.id, "uid": row.uid, **read(row, subjects)} for row in turned.rows]
        # No transaction stays open between the steps.
        db.session.rollback()
        if len(rows) > MAX_ORGANIZATIONS:
            raise TooLarge(f"There are more than {MAX_ORGANIZATIONS:,} organizations: name them.")
        position = turned.last
        if turned.done or time.monotonic() >= stop:
            edge = None if turned.done else position
            return Found(len(rows) - before, edge, {"rows": rows})


def _event_types(row: Organization, _: Subjects) -> Result:
    selected = [webhook.event_types for webhook in webhook_queries.outlines(row.id)]
    names = sorted({name for types in selected if types is not None for name in types})
    return {"names": names, "has_all": None in selected}


def _delivery_counts(row: Organization, subjects: Subjects) -> Result:
    span = DeliveryFilter(since=subjects.since, until=subjects.until)
    return {"number": delivery_queries.count(row.id, span)}


_READERS: dict[str, Callable[[Organization, Subjects], Result]] = {
    EVENT_TYPES: _event_types,
    DELIVERY_COUNTS: _delivery_counts,
}
