"""Webhooks straight into the database, and what became of events there."""

from typing import Any

from sqlalchemy import select

from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.domain.events.event import EventDraft
from app.models import Delivery, Due, Organization, Webhook, WebhookState
from app.models.common.base import db
from app.runtime.context import runtime
from app.store.transaction import write_transaction


def draft(type_: str = "encoding.finished", payload: bytes = b"{}", **more: Any) -> EventDraft:
    return EventDraft(type=type_, payload=payload, **more)


def webhook(organization_id: str, **more: Any) -> str:
    """The id of a new webhook of the standard preset, but for what is given."""
    columns: dict[str, Any] = {
        "id": new_id(),
        "organization_id": organization_id,
        "url": "https://example.com/hook",
        "preset": "standard",
        "method": "POST",
        "body_format": "standard",
        "success_statuses": ["200-299"],
        "timeout_seconds": 15,
        "retry_policy": {"kind": "fixed", "interval_seconds": 3, "max_attempts": 4},
        "signing_secret": runtime().vault.seal("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        "created_at": now_ms(),
        "updated_at": now_ms(),
    }
    with write_transaction() as session:
        session.add(Webhook(**(columns | more)))
        session.flush()
        id_ = (columns | more)["id"]
        session.add(WebhookState(webhook_id=id_, organization_id=organization_id))
        session.get_one(Organization, organization_id).webhooks_version += 1
    return str(id_)


def due_rows(webhook_id: str | None = None) -> list[Due]:
    """In the order of acceptance."""
    statement = select(Due).order_by(Due.id).execution_options(populate_existing=True)
    if webhook_id is not None:
        statement = statement.where(Due.webhook_id == webhook_id)
    return list(db.session.scalars(statement))


def delivery_rows() -> list[Delivery]:
    statement = select(Delivery).order_by(Delivery.id).execution_options(populate_existing=True)
    return list(db.session.scalars(statement))
