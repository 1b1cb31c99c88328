"""Sending many deliveries again, or cancelling them: a bounded number in each transaction."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Literal

from app.domain.common.clock import now_ms
from app.queries.common.scans import Condition
from app.queries.deliveries.filters import DeliveryFilter, is_due, is_sendable
from app.queries.deliveries.walks import ids_above
from app.runtime.context import runtime
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.deliveries.cancelling import take_out
from app.services.deliveries.resending import send_again
from app.store.deadlocks import retry_on_deadlock
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

# Deliveries in one transaction: others wait no longer for it than for a batch of events.
AT_ONCE = 500

Verb = Literal["resend", "cancel"]
_Act = Callable[[WriteSession, str, Sequence[str], int], set[str]]
_ACTS: dict[Verb, _Act] = {"resend": send_again, "cancel": take_out}


@dataclass(frozen=True, slots=True)
class Progress:
    """number: how many it was done to. after: the id to go on from; None when all is done."""

    number: int
    after: str | None


def eligible(verb: Verb) -> Condition:
    """To which it can be done: what can be sent and is not being sent just now; what is open."""
    return is_sendable() if verb == "resend" else is_due()


def act_on_set(
    organization_id: str,
    wanted: DeliveryFilter,
    actor: Actor,
    verb: Verb,
    *,
    after: str | None = None,
    seconds: float | None = None,
) -> Progress:
    """The oldest first, from `after` on; stop after about `seconds`, if given. What is made from
    now on is not part of what was asked for."""
    until = now_ms() + 1 if wanted.until is None else min(wanted.until, now_ms() + 1)
    bounded = replace(wanted, until=until)
    stop = None if seconds is None else time.monotonic() + seconds
    number = 0
    while True:
        found = ids_above(organization_id, bounded, after, AT_ONCE, eligible(verb))
        number += _act(organization_id, [row.id for row in found.rows], verb)
        after = found.edge
        if after is None or (stop is not None and time.monotonic() >= stop):
            break
    narrowed = {name: value for name, value in asdict(wanted).items() if value}
    _record(organization_id, actor, verb, {"count": number, "filter": narrowed})
    return Progress(number, after)


def act_on_some(organization_id: str, ids: Sequence[str], actor: Actor, verb: Verb) -> int:
    """To how many of `ids`, AT_ONCE of them at most, it was done."""
    number = _act(organization_id, list(ids)[:AT_ONCE], verb)
    _record(organization_id, actor, verb, {"count": number, "ids": list(ids)[:AT_ONCE]})
    return number


def _act(organization_id: str, ids: list[str], verb: Verb) -> int:
    if not ids:
        return 0
    number = retry_on_deadlock(partial(_in_one, organization_id, ids, _ACTS[verb]))
    # Also after cancelling: the next of an ordering key may go now.
    runtime().wake_up.notify()
    return number


def _in_one(organization_id: str, ids: Sequence[str], act: _Act) -> int:
    with write_transaction() as session:
        return len(act(session, organization_id, ids, now_ms()))


def _record(organization_id: str, actor: Actor, verb: Verb, after: dict[str, Any]) -> None:
    with write_transaction() as session:
        audit.record(session, organization_id, actor, f"delivery.{verb}_many", after=after)
