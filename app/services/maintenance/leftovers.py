"""Delete what expired events leave behind: webhooks, emails and audit entries."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete

from app.models import AuditEntry, QueuedEmail, Webhook, WebhookState
from app.queries.maintenance import tasks as maintenance_queries
from app.store.sessions import WriteSession

BATCH_SIZE = 200


def delete_some(
    session: WriteSession, organization_id: str, before: int, audit_before: int
) -> bool:
    """Times are milliseconds since the epoch. Returns whether there may be more to delete."""
    entries = maintenance_queries.old_audit_entries(organization_id, audit_before, BATCH_SIZE)
    emails = maintenance_queries.old_emails(organization_id, before, BATCH_SIZE)
    webhooks = maintenance_queries.unused_webhooks(organization_id, before, BATCH_SIZE)
    _delete(session, AuditEntry, AuditEntry.id, entries)
    _delete(session, QueuedEmail, QueuedEmail.id, emails)
    _delete(session, WebhookState, WebhookState.webhook_id, webhooks)
    _delete(session, Webhook, Webhook.id, webhooks)
    return max(len(entries), len(emails), len(webhooks)) == BATCH_SIZE


def _delete(session: WriteSession, model: Any, column: Any, ids: Sequence[Any]) -> None:
    if ids:
        statement = delete(model).where(column.in_(ids))
        session.execute(statement)
