"""What a person can do with deliveries: have them sent again, or not sent any more."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from sqlalchemy import select

from app import queue
from app.domain.clock import now_ms
from app.domain.errors import Conflict, NotFound
from app.domain.ids import canonical_id, new_id
from app.models import Delivery, Event, Webhook
from app.models.bulk import Opened
from app.queries import deliveries
from app.queries.deliveries import DeliveryFilter
from app.queries.delivery_filters import is_due, is_sendable
from app.queries.scans import Condition
from app.services import audit
from app.services.actor import Actor
from app.services.cancelling import take_out
from app.services.contention import again
from app.services.resending import send_again
from app.services.transaction import writing

# Deliveries in one transaction: others wait no longer for it than for a batch of events.
AT_ONCE = 500

Act = Callable[[Opened, str, Sequence[str], int], set[str]]


def resend(organization_id: str, delivery_id: str, actor: Actor) -> Delivery:
    """The same delivery once more: attempt numbers go on, the retry policy starts again; an open
    one is due now, and one that is just being sent is left to it. Conflict: its webhook is
    deleted, or its payload has expired. NotFound."""

    def work() -> Delivery:
        with writing() as session:
            found = _find(session, organization_id, delivery_id)
            _check_sendable(session, found)
            send_again(session, organization_id, [found.id], now_ms())
            audit.record(session, organization_id, actor, "delivery.resend", found.id)
            return _find(session, organization_id, delivery_id)

    found = again(work)
    queue.ring()
    return found


def cancel(organization_id: str, delivery_id: str, actor: Actor) -> Delivery:
    """Conflict: it is not open. NotFound."""

    def work() -> Delivery:
        with writing() as session:
            found = _find(session, organization_id, delivery_id)
            if not take_out(session, organization_id, [found.id], now_ms()):
                raise Conflict(f"This delivery is {found.state}: there is nothing to cancel.")
            audit.record(session, organization_id, actor, "delivery.cancel", found.id)
            return _find(session, organization_id, delivery_id)

    found = again(work)
    # The next of its ordering key may go now.
    queue.ring()
    return found


def resend_many(
    organization_id: str, wanted: DeliveryFilter, actor: Actor, *, dry_run: bool = False
) -> int:
    """How many were (dry_run: would be) made due, the oldest first, a bounded number in each
    transaction. Left out are those that cannot be sent, or are being sent just now."""
    may = is_sendable()
    if dry_run:
        return deliveries.count(organization_id, wanted, also=may)
    number = _in_parts(organization_id, wanted, send_again, may)
    _record_many(organization_id, wanted, actor, "delivery.resend_many", number)
    return number


def cancel_many(
    organization_id: str, wanted: DeliveryFilter, actor: Actor, *, dry_run: bool = False
) -> int:
    """How many were (dry_run: would be) cancelled; only open ones are."""
    if dry_run:
        return deliveries.count(organization_id, wanted, also=is_due())
    number = _in_parts(organization_id, wanted, take_out, is_due())
    _record_many(organization_id, wanted, actor, "delivery.cancel_many", number)
    return number


def _in_parts(organization_id: str, wanted: DeliveryFilter, act: Act, may: Condition) -> int:
    """How many it was done to. What is made from now on is not part of what was asked for."""
    number, after, end = 0, None, new_id()
    while True:
        ids = deliveries.matching_ids(organization_id, wanted, after, end, AT_ONCE, also=may)
        if ids:
            number += again(partial(_some, organization_id, ids, act))
            queue.ring()
        if len(ids) < AT_ONCE:
            return number
        after = ids[-1]


def _some(organization_id: str, ids: Sequence[str], act: Act) -> int:
    with writing() as session:
        return len(act(session, organization_id, ids, now_ms()))


def _record_many(
    organization_id: str, wanted: DeliveryFilter, actor: Actor, action: str, number: int
) -> None:
    narrowed: dict[str, Any] = {name: value for name, value in asdict(wanted).items() if value}
    with writing() as session:
        after = {"count": number, "filter": narrowed}
        audit.record(session, organization_id, actor, action, after=after)


def _find(session: Opened, organization_id: str, delivery_id: str) -> Delivery:
    found: Delivery | None = session.scalar(
        select(Delivery)
        .where(
            Delivery.id == canonical_id(delivery_id), Delivery.organization_id == organization_id
        )
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def _check_sendable(session: Opened, found: Delivery) -> None:
    webhook = session.get_one(Webhook, found.webhook_id, populate_existing=True)
    if webhook.deleted_at is not None:
        raise Conflict("Its webhook was deleted: there is nowhere to send it.")
    kept = select(Event.id).where(Event.id == found.event_id, Event.payload.is_not(None))
    if session.scalar(kept) is None:
        raise Conflict("Its payload has expired: there is nothing to send any more.")
