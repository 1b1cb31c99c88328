"""Test a webhook: send a sample event once, now."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import msgspec

from app.domain.bodies.spec import CannotRender
from app.domain.common.clock import now_ms
from app.domain.common.errors import Unavailable
from app.domain.common.ids import new_id
from app.domain.deliveries.composing import Composed, Composer, marked_as_test, with_authorization
from app.domain.event_types.names import sample_for
from app.domain.event_types.patterns import sample_type
from app.domain.events.event import EventFacts
from app.domain.webhooks.credentials.oauth import CAUSE, TokenRefused
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.rows import facts_from_row
from app.models import Webhook
from app.models.common.base import db
from app.queries.event_types import catalogue as event_type_queries
from app.runtime.context import runtime
from app.runtime.expressions import render_body
from app.sending.http.outcome import Outcome, no_response
from app.sending.oauth import OAuthTokens
from app.services.accounts.actor import SYSTEM, Actor
from app.services.audit import log as audit
from app.services.webhooks import test_records
from app.services.webhooks.changes import get_webhook
from app.store.transaction import write_transaction

# Webhooks that one test reaches; each takes a thread while it lasts.
MAX_AT_ONCE = 10
BUSY = "Other test sends still wait for their receivers. Retry in a few seconds."


@dataclass(frozen=True, slots=True)
class CheckResult:
    """composed: the request that was sent; None if the sample could not be rendered.
    delivery_id: of the delivery that records it."""

    event: EventFacts
    webhook_id: str
    delivery_id: str
    outcome: Outcome
    succeeded: bool
    composed: Composed | None

    @property
    def event_type(self) -> str:
        return self.event.type


def check(
    organization_id: str,
    webhook_id: str,
    actor: Actor = SYSTEM,
    *,
    type_: str | None = None,
    payload: bytes | None = None,
) -> CheckResult:
    """Wait for the response, at most for the webhook's timeout. Makes one attempt without retries,
    which a delivery of its own kind records. type_, payload: of the sample, instead of the
    webhook's first type and its sample. NotFound."""
    now = now_ms()
    webhook = facts_of(get_webhook(organization_id, webhook_id), now)
    event = sample_event(webhook, now, type_)
    if payload is not None:
        event = msgspec.structs.replace(event, payload=payload)
    [result] = check_all([webhook], event, actor)
    return result


def check_all(
    webhooks: Sequence[WebhookFacts], event: EventFacts, actor: Actor
) -> list[CheckResult]:
    """Send the event once to each of these webhooks of one organization, all at a time: it takes as
    long as the slowest. At most MAX_AT_ONCE webhooks. Unavailable: too many test sends wait."""
    if not webhooks:
        return []
    slots = runtime().test_sends
    token = slots.acquire(webhooks[0].organization_id)
    if token is None:
        raise Unavailable(BUSY)
    try:
        return _send_all(webhooks, event, actor)
    finally:
        slots.release(token)


def _send_all(
    webhooks: Sequence[WebhookFacts], event: EventFacts, actor: Actor
) -> list[CheckResult]:
    now = event.occurred_at
    prepared = [_compose(webhook, event, now) for webhook in webhooks[:MAX_AT_ONCE]]
    # No transaction is open while a socket is.
    db.session.commit()
    # With what it loads, Requests takes four megabytes until a webhook is tested.
    from app.sending.session import GuardedSession

    guard, settings = runtime().guard, runtime().settings
    dns_servers, proxy = settings.dns_servers, settings.delivery_proxy
    tokens = OAuthTokens(runtime().redis, runtime().vault, guard, dns_servers, proxy)

    def send(webhook: WebhookFacts, request: Composed) -> Outcome:
        if webhook.oauth is not None:
            try:
                request = with_authorization(request, tokens.get(webhook).authorization)
            except TokenRefused as error:
                return no_response(CAUSE, str(error), now)
        with GuardedSession(guard, dns_servers=dns_servers, proxy=proxy) as session:
            return session.send_exactly(request, webhook.timeout_seconds, webhook.tls)

    with ThreadPoolExecutor(max(1, len(prepared))) as threads:
        pending = [
            threads.submit(send, webhook, composed) if composed else None
            for webhook, (_, composed, _) in zip(webhooks, prepared, strict=False)
        ]
        results = [
            _result(webhook, event, delivery_id, composed, later.result() if later else failure)
            for webhook, (delivery_id, composed, failure), later in zip(
                webhooks, prepared, pending, strict=False
            )
        ]
    _record(webhooks, event, actor, results)
    return results


def facts_of(row: Webhook, now: int) -> WebhookFacts:
    return facts_from_row(row.columns(), runtime().vault, now)


def sample_event(webhook: WebhookFacts, now: int, type_: str | None = None) -> EventFacts:
    """An event that the webhook matches. The payload is the sample of the organization's catalogue,
    if there is one."""
    type_ = type_ or sample_type(webhook.preset, webhook.event_types)
    own = event_type_queries.sample(webhook.organization_id, type_)
    # A form callback requires certain fields whatever its preset is.
    is_form = webhook.body.format == "form_callback"
    payload = own or sample_for(type_, "form_callback" if is_form else webhook.preset)
    source = min(webhook.sources) if webhook.sources else None
    return EventFacts(new_id(), type_, source, now, bytes(payload))


def _compose(
    webhook: WebhookFacts, event: EventFacts, now: int
) -> tuple[str, Composed | None, Outcome | None]:
    """(delivery id, the request, None), or why the sample could not be rendered in place of the
    request."""
    delivery_id = new_id()
    try:
        body = render_body(webhook.organization_id, webhook.body, event)
        composed = Composer(webhook).compose(event, delivery_id, 1, now, body=body)
    except CannotRender as error:
        return delivery_id, None, no_response(error.cause, error.detail, now)
    return delivery_id, marked_as_test(composed), None


def _result(
    webhook: WebhookFacts,
    event: EventFacts,
    delivery_id: str,
    composed: Composed | None,
    outcome: Outcome | None,
) -> CheckResult:
    assert outcome is not None
    succeeded = (
        outcome.cause == "ok"
        and outcome.status is not None
        and webhook.success.accepts(outcome.status)
    )
    return CheckResult(event, webhook.id, delivery_id, outcome, succeeded, composed)


def _record(
    webhooks: Sequence[WebhookFacts],
    event: EventFacts,
    actor: Actor,
    results: Sequence[CheckResult],
) -> None:
    if not results:
        return
    with write_transaction() as session:
        test_records.add_event(session, webhooks[0].organization_id, event)
        for webhook, result in zip(webhooks, results, strict=False):
            test_records.add(
                session,
                webhook,
                event,
                result.delivery_id,
                composed=result.composed,
                outcome=result.outcome,
                succeeded=result.succeeded,
            )
            after = {
                "event_type": result.event_type,
                "succeeded": result.succeeded,
                "cause": result.outcome.cause,
                "status": result.outcome.status,
                "delivery_id": result.delivery_id,
            }
            audit.record(
                session, webhook.organization_id, actor, "webhook.check", webhook.id, after=after
            )
