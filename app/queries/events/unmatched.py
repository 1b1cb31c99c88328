"""Why an event was not sent to a webhook."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select

from app.domain.common.errors import Unavailable
from app.domain.events.event import EventFacts
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.filters import FilterVerdict
from app.domain.webhooks.matching import Matcher, Refusal, sandboxed_filters
from app.domain.webhooks.rows import facts_from_row
from app.models import Delivery, Event, Webhook
from app.models.common.base import db
from app.queries.common.scans import unindexed
from app.runtime.expressions import verdicts_of

# Reasons that cannot be told without the payload.
_OF_PAYLOAD = frozenset({"field", "filter", "filter_budget"})
# Webhooks that did not match, shown at most.
MAX_REFUSALS = 500


def unmatched(organization_id: str, event: Event) -> list[tuple[Webhook, Refusal]]:
    """Webhooks that existed when the event was accepted and did not match, with the reason.
    Empty for the sample of a test send, which goes to one webhook only."""
    if event.is_test:
        return []
    got = select(Delivery.webhook_id).where(Delivery.event_id == event.id)
    statement = (
        select(Webhook)
        .where(
            Webhook.organization_id == organization_id,
            Webhook.kind == "webhook",
            Webhook.deleted_at.is_(None),
            Webhook.created_at <= event.created_at,
            Webhook.id.not_in(got),
        )
        .order_by(Webhook.id.desc())
        .limit(MAX_REFUSALS)
    )
    payload = b"{}" if event.payload is None else event.payload
    matched = EventFacts(event.id, event.type, event.source, event.occurred_at, payload)
    rows = db.session.scalars(statement).all()
    # All filters that the event was matched against, which share one budget.
    filtered = _filtered(organization_id, got)
    webhooks = [facts_from_row(row.columns(), None, 0) for row in (*rows, *filtered)]
    matcher = Matcher(matched, _verdicts(organization_id, matched, webhooks))
    return [(row, _refusal(matcher, row, event)) for row in rows]


def _verdicts(
    organization_id: str, event: EventFacts, webhooks: Sequence[WebhookFacts]
) -> Mapping[str, FilterVerdict]:
    try:
        return verdicts_of(organization_id, event, webhooks)
    except Unavailable as error:
        unknown = FilterVerdict(matched=False, detail=f"Not available now. {error.detail}")
        return dict.fromkeys(sandboxed_filters(event, webhooks), unknown)


def _filtered(organization_id: str, got: Select[Any]) -> Sequence[Webhook]:
    """Webhooks with a filter that got the event."""
    own = unindexed(Webhook.organization_id) == organization_id
    rows = select(Webhook).where(Webhook.id.in_(got), own, Webhook.filter.is_not(None))
    return db.session.scalars(rows.limit(MAX_REFUSALS)).all()


def _refusal(matcher: Matcher, webhook: Webhook, event: Event) -> Refusal:
    refusal = matcher.refusal(facts_from_row(webhook.columns(), None, 0))
    if webhook.once and webhook.once_event_id is not None and _matches(refusal):
        return Refusal("once", "One-time webhook: another event claimed it first.")
    if event.payload is None and refusal is not None and refusal.reason in _OF_PAYLOAD:
        return Refusal(refusal.reason, "Unknown: the payload has expired.")
    if _matches(refusal):
        return Refusal("changed", "The webhook was changed since; it would match now.")
    assert refusal is not None
    return refusal


def _matches(refusal: Refusal | None) -> bool:
    """A webhook that was paused when the event was accepted has a skipped delivery instead."""
    return refusal is None or refusal.reason == "inactive"
