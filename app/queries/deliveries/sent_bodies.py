"""The body of a delivery's requests."""

from sqlalchemy import select

from app.domain.bodies.formats import DERIVABLE, render, restored
from app.domain.bodies.spec import Body, BodySpec, CannotRender
from app.domain.events.event import EventFacts
from app.models import Delivery, DeliveryBody, Event, Webhook
from app.models.common.base import db


def sent_body(organization_id: str, delivery: Delivery) -> Body | None:
    """The stored body of the last run, else rendered again from the event; None if the payload has
    expired or cannot be rendered. The webhook's format may have changed since: compare the length
    with the Content-Length that was sent."""
    stored = db.session.execute(
        select(DeliveryBody.content_type, DeliveryBody.body).where(
            DeliveryBody.delivery_id == delivery.id
        )
    ).one_or_none()
    stored_body = Body(stored.content_type, bytes(stored.body)) if stored is not None else None
    if stored_body is not None and stored_body.content:
        return stored_body
    body_format = db.session.scalar(
        select(Webhook.body_format).where(
            Webhook.id == delivery.webhook_id, Webhook.organization_id == organization_id
        )
    )
    event = db.session.execute(
        select(Event.id, Event.type, Event.source, Event.occurred_at, Event.payload).where(
            Event.id == delivery.event_id, Event.organization_id == organization_id
        )
    ).one_or_none()
    if event is None or event.payload is None:
        return None
    facts = EventFacts(event.id, event.type, event.source, event.occurred_at, bytes(event.payload))
    try:
        if stored_body is not None:
            return restored(stored_body, facts)
        return render(BodySpec(body_format), facts) if body_format in DERIVABLE else None
    except CannotRender:
        return None
