"""Lock, version and audit every change of a webhook."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import select, update

from app.domain.common.clock import now_ms
from app.domain.common.errors import NotFound
from app.domain.common.ids import canonical_id
from app.models import Organization, Webhook, WebhookState
from app.queries import webhooks as webhook_queries
from app.queries.accounts import users as account_queries
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.webhooks.secret_headers import headers_of
from app.services.webhooks.settings import audited
from app.store import key_order as ordering
from app.store import overruns
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction


@dataclass(slots=True)
class Change:
    """An open transaction that changes `row`. secrets: the secrets that were set, by name. more:
    additional fields for the audit log."""

    session: WriteSession
    row: Webhook
    now: int
    secrets: dict[str, object] = field(default_factory=dict)
    more: dict[str, object] = field(default_factory=dict)


@contextmanager
def changing(organization_id: str, webhook_id: str, actor: Actor, action: str) -> Iterator[Change]:
    """Change a webhook while no event of its organization is published. The commit makes cached
    copies of the webhook stale. NotFound, also for a deleted one."""
    with write_transaction() as session:
        ordering.lock_organizations(session, [organization_id], shared=False)
        row = lock_webhook(session, organization_id, webhook_id)
        change = Change(session, row, now_ms())
        before, values = audited(row, {}), dict(headers_of(row)[1])
        yield change
        row.version += 1
        row.updated_at = change.now
        raise_version(session, organization_id)
        after = audited(row, change.secrets, values) | change.more
        audit.record(session, organization_id, actor, action, row.id, before, after)


def get_webhook(organization_id: str, webhook_id: str) -> Webhook:
    """NotFound, also for a deleted one."""
    webhook = webhook_queries.get(organization_id, webhook_id)
    if webhook is None:
        raise NotFound
    return webhook


def lock_webhook(session: WriteSession, organization_id: str, webhook_id: str) -> Webhook:
    """Lock its row until the transaction ends. NotFound, also for a deleted one."""
    webhook: Webhook | None = session.scalar(
        select(Webhook)
        .where(
            Webhook.id == canonical_id(webhook_id),
            Webhook.organization_id == organization_id,
            Webhook.kind == "webhook",
            Webhook.deleted_at.is_(None),
        )
        .with_for_update()
    )
    if webhook is None:
        raise NotFound
    return webhook


def raise_version(session: WriteSession, organization_id: str) -> None:
    """Make cached copies of the organization's webhooks stale. NotFound: no such organization."""
    updated_id = session.scalar(
        update(Organization)
        .where(Organization.id == organization_id)
        .values(webhooks_version=Organization.webhooks_version + 1)
        .returning(Organization.id)
    )
    if updated_id is None:
        raise NotFound("There is no such organization.")


def check_organization(organization_id: str) -> None:
    """NotFound: no such organization."""
    if account_queries.organization(organization_id) is None:
        raise NotFound("There is no such organization.")


def reset_health(session: WriteSession, webhook_id: str) -> None:
    """Forget throttling and failures from before a pause."""
    session.execute(
        update(WebhookState)
        .where(WebhookState.webhook_id == webhook_id)
        .values(window=None, failing_since=None, consecutive_failures=0, told_failing_at=None)
    )
    overruns.forget(session.connection(), [webhook_id])
