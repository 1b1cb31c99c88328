"""Delete what expired events leave behind (webhooks, emails, audit entries), and one-time webhooks
whose event never came."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, update

from app.domain.common.clock import now_ms
from app.models import AuditEntry, QueuedEmail, Webhook, WebhookState
from app.models.webhooks import ONCE_WAITING
from app.queries.maintenance import tasks as maintenance_queries
from app.services.accounts.actor import SYSTEM
from app.services.audit import log as audit
from app.store.sessions import WriteSession

BATCH_SIZE = 200


def delete_some(
    session: WriteSession, organization_id: str, before: int, audit_before: int
) -> bool:
    """Times are milliseconds since the epoch. Returns whether there may be more to delete."""
    entries = maintenance_queries.old_audit_entries(organization_id, audit_before, BATCH_SIZE)
    emails = maintenance_queries.old_emails(organization_id, before, BATCH_SIZE)
    expired = _expire(session, organization_id, before)
    webhooks = maintenance_queries.unused_webhooks(organization_id, before, BATCH_SIZE)
    _delete(session, AuditEntry, AuditEntry.id, entries)
    _delete(session, QueuedEmail, QueuedEmail.id, emails)
    _delete(session, WebhookState, WebhookState.webhook_id, webhooks)
    _delete(session, Webhook, Webhook.id, webhooks)
    return max(len(entries), len(emails), expired, len(webhooks)) == BATCH_SIZE


def _expire(session: WriteSession, organization_id: str, before: int) -> int:
    """Delete one-time webhooks that have waited for their event since `before`, as a person would;
    an event that arrives meanwhile takes its webhook. Returns how many there were."""
    waiting = maintenance_queries.expired_one_time(organization_id, before, BATCH_SIZE)
    now = now_ms()
    for id_, name, url in sorted(waiting):
        ended = (
            update(Webhook)
            .where(Webhook.id == id_, ONCE_WAITING)
            .values(deleted_at=now, updated_at=now, version=Webhook.version + 1)
            .returning(Webhook.id)
        )
        if session.scalar(ended) is not None:
            fields = {"name": name, "url": url}
            audit.record(session, organization_id, SYSTEM, "webhook.expire", id_, before=fields)
    return len(waiting)


def _delete(session: WriteSession, model: Any, column: Any, ids: Sequence[Any]) -> None:
    if ids:
        statement = delete(model).where(column.in_(ids))
        session.execute(statement)
