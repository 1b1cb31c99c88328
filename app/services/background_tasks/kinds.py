"""What background tasks do, a slice at a time."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.common.errors import NotFound, TooLarge
from app.models import Organization
from app.queries import webhooks as webhook_queries
from app.queries.accounts import organizations as organization_queries
from app.queries.common.turns import Turn
from app.queries.deliveries import listing as delivery_queries
from app.queries.deliveries.filters import DeliveryFilter
from app.services.accounts.actor import Actor
from app.services.deliveries.bulk import Progress
from app.services.deliveries.missed import send_missed
from app.services.deliveries.recovery import recover

# Resend what failed, or send what was missed, for one webhook since a time.
RECOVER, SEND_MISSED = "webhook.recover", "webhook.send_missed"
# Per organization: the event types that webhooks select, or the number of deliveries.
EVENT_TYPES, DELIVERIES = "statistics.event_types", "statistics.deliveries"

AT_ONCE = 100
# More would not fit a response.
MAX_ORGANIZATIONS = 10_000

Terms = Mapping[str, Any]
Result = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Slice:
    """done: nothing is left to do."""

    result: dict[str, Any]
    done: bool


@dataclass(frozen=True, slots=True)
class Task:
    """organization_id: None for the whole installation. terms, result: as in the row. seconds: stop
    after about this long."""

    organization_id: str | None
    terms: Terms
    result: Result
    actor: Actor
    seconds: float


def work(kind: str, task: Task) -> Slice:
    return _WORKS[kind](task)


def _recover(task: Task) -> Slice:
    return _resent(task, recover)


def _send_missed(task: Task) -> Slice:
    return _resent(task, send_missed)


def _resent(task: Task, act: Callable[..., Progress]) -> Slice:
    """terms: webhook_id, since, until. result: the number of deliveries, and the id after which the
    next slice starts."""
    if task.organization_id is None:
        raise NotFound
    progress = act(
        task.organization_id,
        task.terms["webhook_id"],
        task.terms["since"],
        task.actor,
        until=task.terms["until"],
        after=task.result.get("after"),
        seconds=task.seconds,
    )
    number = task.result.get("number", 0) + progress.number
    return Slice({"number": number, "after": progress.after}, progress.after is None)


def _statistics(task: Task, read: Callable[[Organization], dict[str, Any]]) -> Slice:
    """terms: `ids` of organizations, or None for all. result: `rows`, and the id after which the
    next slice starts. TooLarge: there are too many organizations."""
    rows, after = list(task.result.get("rows", ())), task.result.get("after")
    stop = time.monotonic() + task.seconds
    while True:
        turned = organization_queries.page(Turn(after), AT_ONCE, task.terms["ids"])
        rows += [read(row) for row in turned.rows]
        if len(rows) > MAX_ORGANIZATIONS:
            raise TooLarge(f"There are more than {MAX_ORGANIZATIONS:,} organizations: name them.")
        after = turned.last
        if turned.done or time.monotonic() >= stop:
            return Slice({"rows": rows, "after": after}, turned.done)


def _event_types(task: Task) -> Slice:
    def read(row: Organization) -> dict[str, Any]:
        selected = [webhook.event_types for webhook in webhook_queries.outlines(row.id)]
        names = sorted({name for types in selected if types is not None for name in types})
        return {**_subject(row), "names": names, "has_all": None in selected}

    return _statistics(task, read)


def _deliveries(task: Task) -> Slice:
    span = DeliveryFilter(since=task.terms["since"], until=task.terms["until"])

    def read(row: Organization) -> dict[str, Any]:
        return {**_subject(row), "number": delivery_queries.count(row.id, span)}

    return _statistics(task, read)


def _subject(row: Organization) -> dict[str, Any]:
    return {"id": row.id, "uid": row.uid}


_WORKS: dict[str, Callable[[Task], Slice]] = {
    RECOVER: _recover,
    SEND_MISSED: _send_missed,
    EVENT_TYPES: _event_types,
    DELIVERIES: _deliveries,
}
