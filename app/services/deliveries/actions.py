"""Resend and cancel deliveries."""

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound
from app.models import Delivery, Webhook
from app.queries.deliveries import listing as deliveries
from app.queries.deliveries.listing import DeliveryFilter
from app.queries.events import listing as event_queries
from app.runtime.context import runtime
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.deliveries.bulk import Verb, act_on_set, check_is_whole, eligible
from app.services.deliveries.cancelling import cancel_deliveries
from app.services.deliveries.resending import ResentBy, resend_deliveries
from app.store.deadlocks import retry_on_deadlock
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction


def resend(organization_id: str, delivery_id: str, actor: Actor) -> None:
    """Send a delivery again: attempt numbers continue, the retry policy starts again. An open
    delivery is sent next; one that a worker is sending is left alone. Conflict: its webhook was
    deleted, or its payload has expired. NotFound."""

    def work() -> None:
        with write_transaction() as session:
            delivery = _find(organization_id, delivery_id)
            _check_sendable(session, delivery)
            by = ResentBy(actor.kind, actor.name)
            resend_deliveries(session, organization_id, [delivery.id], now_ms(), by=by)
            name = delivery.event_type
            audit.record(session, organization_id, actor, "delivery.resend", delivery.id, name=name)

    retry_on_deadlock(work)
    runtime().wake_up.notify()


def cancel(organization_id: str, delivery_id: str, actor: Actor) -> None:
    """Conflict: it is not open. NotFound."""

    def work() -> None:
        with write_transaction() as session:
            delivery = _find(organization_id, delivery_id)
            if not cancel_deliveries(session, organization_id, [delivery.id], now_ms()):
                raise Conflict(f"This delivery is {delivery.state}: there is nothing to cancel.")
            name = delivery.event_type
            audit.record(session, organization_id, actor, "delivery.cancel", delivery.id, name=name)

    retry_on_deadlock(work)
    # The next of its ordering key may go now.
    runtime().wake_up.notify()


def resend_many(
    organization_id: str, filters: DeliveryFilter, actor: Actor, *, dry_run: bool = False
) -> int:
    """Returns how many were (dry_run: would be) resent. Skips deliveries that cannot be sent or
    that a worker is sending. Conflict: of `check_is_whole`."""
    return _many(organization_id, filters, actor, "resend", dry_run)


def cancel_many(
    organization_id: str, filters: DeliveryFilter, actor: Actor, *, dry_run: bool = False
) -> int:
    """Returns how many open deliveries were (dry_run: would be) cancelled. Conflict: of
    `check_is_whole`."""
    return _many(organization_id, filters, actor, "cancel", dry_run)


def _many(
    organization_id: str, filters: DeliveryFilter, actor: Actor, verb: Verb, dry_run: bool
) -> int:
    if dry_run:
        check_is_whole(organization_id, filters)
        return deliveries.count(organization_id, filters, also=eligible(verb))
    return act_on_set(organization_id, filters, actor, verb).number


def _find(organization_id: str, delivery_id: str) -> Delivery:
    delivery = deliveries.find(organization_id, delivery_id)
    if delivery is None:
        raise NotFound
    return delivery


def _check_sendable(session: WriteSession, delivery: Delivery) -> None:
    if delivery.is_test:
        raise Conflict("This is a test send. Send another test from the webhook's page.")
    webhook = session.get_one(Webhook, delivery.webhook_id)
    if webhook.deleted_at is not None:
        raise Conflict("The webhook of this delivery was deleted.")
    if not event_queries.has_payload(delivery.organization_id, delivery.event_id):
        raise Conflict("The payload of this delivery has expired.")
