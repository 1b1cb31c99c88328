"""Events of which a webhook has had nothing: no delivery, or one that was skipped."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, null, or_, select

from app.domain.deliveries.states import SKIPPED
from app.domain.event_types.names import PRODUCT_TYPES
from app.domain.events.event import EventFacts
from app.domain.webhooks.facts import WebhookFacts
from app.models import Delivery, Event
from app.models.base import db
from app.queries.common.scans import Span, unindexed

# Events that are looked at in one step, and when their payloads must be read for it.
EXAMINED, EXAMINED_WITH_PAYLOADS = 500, 50


@dataclass(frozen=True, slots=True)
class Missed:
    """delivery_id: of the one that was skipped; None: there is none. event: without its payload,
    unless the webhook chooses by it."""

    event: EventFacts
    delivery_id: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """edge: the id of the last event that was looked at; None: there are no more."""

    found: list[Missed]
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
    wanted = (
        select(*columns)
        .outerjoin(Delivery, _is_of(webhook.id))
        .where(
            Event.organization_id == webhook.organization_id,
            Event.payload.is_not(None),
            or_(Delivery.state == SKIPPED, and_(Delivery.id.is_(None), _may_want(webhook))),
            *span.up_to(edge).of(Event.id),
        )
        .order_by(Event.id)
    )
    rows = db.session.execute(wanted)
    found = [Missed(EventFacts(*row[:4], payload=row[4] or b"{}"), row[5]) for row in rows]
    return Step(found, edge)


def without_delivery(
    webhook: WebhookFacts, event_ids: list[str]
) -> list[tuple[str, str, str | None]]:
    """(id, type, source) of those of the events that have no delivery for it, the oldest first."""
    wanted = (
        select(Event.id, Event.type, Event.source)
        .outerjoin(Delivery, _is_of(webhook.id))
        .where(
            Event.id.in_(event_ids),
            Event.organization_id == webhook.organization_id,
            Delivery.id.is_(None),
        )
        .order_by(Event.id)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(wanted)]


def _is_of(webhook_id: str) -> ColumnElement[bool]:
    # By its event: a webhook may have a million deliveries, an event has a few.
    return and_(Delivery.event_id == Event.id, unindexed(Delivery.webhook_id) == webhook_id)


def _edge(webhook: WebhookFacts, span: Span, examined: int) -> str | None:
    window = select(Event.id).where(
        Event.organization_id == webhook.organization_id, *span.of(Event.id)
    )
    found: str | None = db.session.scalar(window.order_by(Event.id).offset(examined - 1).limit(1))
    return found


def _reads_payloads(webhook: WebhookFacts) -> bool:
    by_fields = webhook.body.format == "form_callback" and webhook.event_types is None
    return by_fields or webhook.filter is not None


def _may_want(webhook: WebhookFacts) -> ColumnElement[bool]:
    """What `matching` says by type and source, for the database to say it first."""
    if webhook.event_types is None:
        by_type: Any = Event.type.not_in(sorted(PRODUCT_TYPES))
    else:
        by_type = Event.type.in_(sorted(webhook.event_types))
    if webhook.sources is None:
        return by_type  # type: ignore[no-any-return]
    return and_(by_type, Event.source.in_(sorted(webhook.sources)))
