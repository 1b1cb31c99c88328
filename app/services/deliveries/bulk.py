"""Resend or cancel many deliveries, a bounded number in each transaction."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Literal

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict
from app.queries.common.scans import Condition
from app.queries.deliveries.filters import DeliveryFilter, is_due, is_sendable
from app.queries.deliveries.walks import ids_above
from app.queries.events import by_value
from app.runtime.context import runtime
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.deliveries.cancelling import cancel_deliveries
from app.services.deliveries.resending import ResentBy, resend_deliveries
from app.store.deadlocks import retry_on_deadlock
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

# Deliveries per transaction: it takes no longer than a batch of events.
AT_ONCE = 500
MORE_EVENTS = (
    "More events have this ID than can be checked at once. Nothing was changed. Filter by a"
    " shorter time, and repeat for the others."
)

Verb = Literal["resend", "cancel"]
_Act = Callable[[WriteSession, str, Sequence[str], int], set[str]]


@dataclass(frozen=True, slots=True)
class Progress:
    """number: how many were changed. after: the id to continue from; None when done."""

    number: int
    after: str | None


def eligible(verb: Verb) -> Condition:
    """resend: can be sent, and no worker is sending it. cancel: open."""
    return is_sendable() if verb == "resend" else is_due()


def check_is_whole(organization_id: str, filters: DeliveryFilter) -> None:
    """Conflict: the list has only the newest events with the value, so that acting on it would
    silently leave out the rest."""
    value = filters.value
    if value is not None and by_value.has_more(
        organization_id, value, filters.since, filters.until
    ):
        raise Conflict(MORE_EVENTS)


def act_on_set(
    organization_id: str,
    filters: DeliveryFilter,
    actor: Actor,
    verb: Verb,
    *,
    after: str | None = None,
    seconds: float | None = None,
) -> Progress:
    """Oldest first, from `after` on; stops after about `seconds`. Excludes deliveries created from
    now on. Conflict: of `check_is_whole`."""
    until = now_ms() + 1 if filters.until is None else min(filters.until, now_ms() + 1)
    bounded = replace(filters, until=until)
    check_is_whole(organization_id, bounded)
    stop = None if seconds is None else time.monotonic() + seconds
    number = 0
    while True:
        stretch = ids_above(organization_id, bounded, after, AT_ONCE, eligible(verb))
        number += _act(organization_id, [row.id for row in stretch.rows], verb, actor)
        after = stretch.edge
        if after is None or (stop is not None and time.monotonic() >= stop):
            break
    narrowed = {name: value for name, value in asdict(filters).items() if value}
    _record(organization_id, actor, verb, {"count": number, "filter": narrowed})
    return Progress(number, after)


def act_on_some(organization_id: str, ids: Sequence[str], actor: Actor, verb: Verb) -> int:
    """Returns how many of the first AT_ONCE `ids` were changed."""
    number = _act(organization_id, list(ids)[:AT_ONCE], verb, actor)
    _record(organization_id, actor, verb, {"count": number, "ids": list(ids)[:AT_ONCE]})
    return number


def act_of(verb: Verb, by: ResentBy) -> Callable[..., set[str]]:
    """Takes what `resend_deliveries` takes."""
    return cancel_deliveries if verb == "cancel" else partial(resend_deliveries, by=by)


def _act(organization_id: str, ids: list[str], verb: Verb, actor: Actor) -> int:
    if not ids:
        return 0
    act = act_of(verb, ResentBy(actor.kind, actor.name))
    number = retry_on_deadlock(partial(_in_one, organization_id, ids, act))
    # Also after cancelling: the next delivery of an ordering key may be due.
    runtime().wake_up.notify()
    return number


def _in_one(organization_id: str, ids: Sequence[str], act: _Act) -> int:
    with write_transaction() as session:
        return len(act(session, organization_id, ids, now_ms()))


def _record(organization_id: str, actor: Actor, verb: Verb, after: dict[str, Any]) -> None:
    with write_transaction() as session:
        audit.record(session, organization_id, actor, f"delivery.{verb}_many", after=after)
