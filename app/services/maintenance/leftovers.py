"""What is left when events have gone: webhooks that were deleted, mails, old entries of the log."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, delete, or_, select

from app.domain.common.ids import first_id_of
from app.models import AuditEntry, Delivery, Mail, Webhook, WebhookState
from app.store.sessions import WriteSession

AT_ONCE = 200
ENDED = ("sent", "failed", "dropped")


def remove_some(
    session: WriteSession, organization_id: str, before: int, audit_before: int
) -> bool:
    """before: milliseconds; mails and webhooks that ended earlier go. Whether there may be more."""
    entries = (
        select(AuditEntry.id)
        .where(
            AuditEntry.organization_id == organization_id,
            AuditEntry.id < first_id_of(audit_before),
        )
        .order_by(AuditEntry.id)
    )
    mails = select(Mail.id).where(
        Mail.organization_id == organization_id,
        Mail.created_at < before,
        Mail.state.in_(ENDED),
    )
    numbers = (
        _remove(session, AuditEntry, entries),
        _remove(session, Mail, mails.order_by(Mail.id)),
        _remove_webhooks(session, _gone(organization_id, before)),
    )
    return max(numbers) == AT_ONCE


def _gone(organization_id: str, before: int) -> Select[Any]:
    """Deleted webhooks, and those good for one event that had it; when nothing tells of them any
    more. Lanes of callbacks stay, since the next callback to the same place takes the same."""
    used = and_(Webhook.once, Webhook.once_event_id.is_not(None), Webhook.updated_at < before)
    told_of = select(Delivery.id).where(Delivery.webhook_id == Webhook.id)
    return select(Webhook.id).where(
        Webhook.organization_id == organization_id,
        Webhook.kind == "webhook",
        or_(Webhook.deleted_at < before, used),
        ~told_of.exists(),
    )


def _remove(session: WriteSession, model: Any, wanted: Select[Any]) -> int:
    ids = session.scalars(wanted.limit(AT_ONCE)).all()
    _delete(session, model, model.id, ids)
    return len(ids)


def _remove_webhooks(session: WriteSession, wanted: Select[Any]) -> int:
    ids = session.scalars(wanted.limit(AT_ONCE)).all()
    _delete(session, WebhookState, WebhookState.webhook_id, ids)
    _delete(session, Webhook, Webhook.id, ids)
    return len(ids)


def _delete(session: WriteSession, model: Any, column: Any, ids: Sequence[Any]) -> None:
    if ids:
        statement = delete(model).where(column.in_(ids))
        session.execute(statement.execution_options(synchronize_session=False))
