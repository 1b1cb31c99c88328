"""Store a test send as a delivery of its own kind, so that it can be looked up later."""

from app.domain.deliveries.causes import OK, cause_of_response
from app.domain.deliveries.composing import Composed
from app.domain.deliveries.lateness import late_at
from app.domain.deliveries.sealing import Seals, sealed_headers, seals_of
from app.domain.deliveries.states import FAILED, SUCCEEDED
from app.domain.deliveries.tallies import Tallies
from app.domain.events.event import EventFacts
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.headers import CREDENTIALS
from app.models import Attempt, Delivery, DeliveryBody, Event
from app.runtime.context import runtime
from app.sending.http.outcome import Outcome
from app.store.sessions import WriteSession
from app.store.tallies import append

# Columns of an attempt that the outcome has under the same name.
_OF_OUTCOME = (
    "started_at",
    "detail",
    "status",
    "response_head",
    "response_body",
    "response_truncated",
    "remote_address",
    "dns_us",
    "connect_us",
    "tls_us",
    "first_byte_us",
    "total_us",
)


def add_event(session: WriteSession, organization_id: str, event: EventFacts) -> None:
    """Store the sample, once for all its deliveries."""
    row = Event(
        id=event.id,
        organization_id=organization_id,
        type=event.type,
        source=event.source,
        occurred_at=event.occurred_at,
        created_at=event.occurred_at,
        payload=event.payload,
        is_test=True,
    )
    session.add(row)
    session.flush()


def add(
    session: WriteSession,
    webhook: WebhookFacts,
    event: EventFacts,
    delivery_id: str,
    *,
    composed: Composed | None,
    outcome: Outcome,
    succeeded: bool,
) -> None:
    """Record one delivery of the event, which `add_event` has stored. composed: None if the sample
    could not be rendered. It is never retried or resent, and counts neither for the webhook's
    health nor as an attempt."""
    cause = outcome.cause
    if cause == OK and outcome.status is not None:
        cause = cause_of_response(outcome.status, accepted=succeeded)
    state = SUCCEEDED if succeeded else FAILED
    session.add(_delivery(webhook, event, delivery_id, state=state, cause=cause, outcome=outcome))
    seals = seals_of(webhook, runtime().vault.seal, runtime().vault.open)
    if composed is not None:
        content = seals.put(composed.rendered.content)
        kind = composed.rendered.content_type
        session.add(DeliveryBody(delivery_id=delivery_id, content_type=kind, body=content))
    url = seals.put_in_url(composed.url if composed else webhook.url)
    session.add(_attempt(webhook, delivery_id, outcome, seals, url=url, cause=cause))
    tallies = Tallies()
    tallies.add(webhook.organization_id, webhook.id, "deliveries")
    append(session, tallies, event.occurred_at)


def _delivery(
    webhook: WebhookFacts,
    event: EventFacts,
    delivery_id: str,
    *,
    state: str,
    cause: str,
    outcome: Outcome,
) -> Delivery:
    return Delivery(
        id=delivery_id,
        organization_id=webhook.organization_id,
        webhook_id=webhook.id,
        event_id=event.id,
        event_type=event.type,
        source=event.source,
        state=state,
        attempts=1,
        last_status=outcome.status,
        last_cause=cause,
        created_at=event.occurred_at,
        updated_at=outcome.started_at + outcome.total_us // 1000,
        is_test=True,
    )


def _attempt(
    webhook: WebhookFacts,
    delivery_id: str,
    outcome: Outcome,
    seals: Seals,
    *,
    url: str,
    cause: str,
) -> Attempt:
    recorded = {name: getattr(outcome, name) for name in _OF_OUTCOME}
    return Attempt(
        organization_id=webhook.organization_id,
        webhook_id=webhook.id,
        delivery_id=delivery_id,
        number=1,
        cause=cause,
        url=url,
        request_head=_sealed_head(webhook, seals.put(outcome.request_head)),
        late_at=late_at(outcome.started_at, delivery_id),
        retried=None if cause == OK else False,
        **recorded,
    )


def _sealed_head(webhook: WebhookFacts, head: bytes) -> bytes:
    """An OAuth token is not among the webhook's own secrets."""
    if webhook.oauth is None:
        return head
    return sealed_headers(head, CREDENTIALS, runtime().vault.seal)
