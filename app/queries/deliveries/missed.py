"""Events that a webhook missed: without a delivery, or with a skipped one."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, null, or_, select

from app.domain.deliveries.states import SKIPPED
from app.domain.event_types.names import PRODUCT_TYPES
from app.domain.event_types.patterns import is_pattern
from app.domain.events.event import EventFacts
from app.domain.webhooks.facts import WebhookFacts
from app.models import Delivery, Event
from app.models.common.base import db
from app.queries.common.scans import Span, unindexed

# Events examined in one step; fewer if their payloads must be read.
EXAMINED, EXAMINED_WITH_PAYLOADS = 500, 50


@dataclass(frozen=True, slots=True)
class Missed:
    """delivery_id: of the skipped delivery; None: there is none. event: without its payload unless
    the webhook matches by it."""

    event: EventFacts
    delivery_id: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """edge: the id of the last event that was examined; None: there are no more."""

    missed: list[Missed]
    edge: str | None


def step(webhook: WebhookFacts, span: Span) -> Step:
    """The oldest events in the span of ids that the webhook may have missed: what its filter, or a
    form that needs certain fields, says to each is still to be asked."""
    reads = _reads_payloads(webhook)
    edge = _edge(webhook, span, EXAMINED_WITH_PAYLOADS if reads else EXAMINED)
    columns = (
        Event.id,
        Event.type,
        Event.source,
        Event.occurred_at,
        Event.payload if reads else null(),
        Delivery.id,
    )
    statement = (
        select(*columns)
        .outerjoin(Delivery, _is_of(webhook.id))
        .where(
            Event.organization_id == webhook.organization_id,
            Event.payload.is_not(None),
            Event.is_test.is_(False),
            or_(Delivery.state == SKIPPED, and_(Delivery.id.is_(None), _may_match(webhook))),
            *span.up_to(edge).of(Event.id),
        )
        .order_by(Event.id)
    )
    rows = db.session.execute(statement)
    missed = [Missed(EventFacts(*row[:4], payload=row[4] or b"{}"), row[5]) for row in rows]
    return Step(missed, edge)


def without_delivery(
    webhook: WebhookFacts, event_ids: list[str]
) -> list[tuple[str, str, str | None]]:
    """(id, type, source) of those of the events that have no delivery for it, the oldest first."""
    statement = (
        select(Event.id, Event.type, Event.source)
        .outerjoin(Delivery, _is_of(webhook.id))
        .where(
            Event.id.in_(event_ids),
            Event.organization_id == webhook.organization_id,
            Delivery.id.is_(None),
        )
        .order_by(Event.id)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(statement)]


def _is_of(webhook_id: str) -> ColumnElement[bool]:
    # Joined by event: a webhook may have a million deliveries, an event has a few.
    return and_(Delivery.event_id == Event.id, unindexed(Delivery.webhook_id) == webhook_id)


def _edge(webhook: WebhookFacts, span: Span, examined: int) -> str | None:
    window = select(Event.id).where(
        Event.organization_id == webhook.organization_id, *span.of(Event.id)
    )
    edge: str | None = db.session.scalar(window.order_by(Event.id).offset(examined - 1).limit(1))
    return edge


def _reads_payloads(webhook: WebhookFacts) -> bool:
    by_fields = webhook.body.format == "form_callback" and webhook.event_types is None
    return by_fields or webhook.filter is not None


def _may_match(webhook: WebhookFacts) -> ColumnElement[bool]:
    """Matching by event type and source in SQL, before `domain.webhooks.matching` decides."""
    if webhook.event_types is None:
        by_type: Any = Event.type.not_in(sorted(PRODUCT_TYPES))
    else:
        names = sorted(name for name in webhook.event_types if not is_pattern(name))
        patterns = sorted(webhook.event_types.difference(names))
        by_type = or_(Event.type.in_(names), *map(_matches, patterns))
    if webhook.sources is None:
        return by_type  # type: ignore[no-any-return]
    return and_(by_type, Event.source.in_(sorted(webhook.sources)))


def _matches(pattern: str) -> ColumnElement[bool]:
    """By substrings: LIKE ignores case on SQLite."""
    part = pattern.strip("*")
    if pattern.endswith("*"):
        piece = func.substr(Event.type, 1, len(part))
    else:
        piece = func.substr(Event.type, func.length(Event.type) - len(part) + 1)
    return and_(piece == part, Event.type.not_in(sorted(PRODUCT_TYPES)))
