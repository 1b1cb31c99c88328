"""What every change of a webhook has in common: the locks, the versions, the audit log."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import select, update

from app.domain.common.clock import now_ms
from app.domain.common.errors import NotFound
from app.domain.common.ids import canonical_id
from app.models import Organization, Webhook, WebhookState
from app.queries import accounts as account_queries
from app.queries import webhooks as webhook_queries
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.webhooks.settings import audited
from app.store import key_order as ordering
from app.store import overruns
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction


@dataclass(slots=True)
class Change:
    """An open transaction in which `row` may be changed. secrets: names of those that were given,
    as keys. more: what else the audit log is to tell."""

    session: WriteSession
    row: Webhook
    now: int
    secrets: dict[str, object] = field(default_factory=dict)
    more: dict[str, object] = field(default_factory=dict)


@contextmanager
def changing(organization_id: str, webhook_id: str, actor: Actor, action: str) -> Iterator[Change]:
    """No event is published to the organization meanwhile; copies of the webhook in other
    processes are old from the commit on. NotFound, also for one that is deleted."""
    with write_transaction() as session:
        ordering.lock_organizations(session, [organization_id], shared=False)
        row = lock_webhook(session, organization_id, webhook_id)
        change = Change(session, row, now_ms())
        before = audited(row, {})
        yield change
        row.version += 1
        row.updated_at = change.now
        bump(session, organization_id)
        after = audited(row, change.secrets) | change.more
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
        .execution_options(populate_existing=True)
    )
    if webhook is None:
        raise NotFound
    return webhook


def bump(session: WriteSession, organization_id: str) -> None:
    """Every process's copy of the organization's webhooks is old. NotFound: no organization."""
    found = session.scalar(
        update(Organization)
        .where(Organization.id == organization_id)
        .values(webhooks_version=Organization.webhooks_version + 1)
        .returning(Organization.id)
        .execution_options(synchronize_session=False)
    )
    if found is None:
        raise NotFound("There is no such organization.")


def check_organization(organization_id: str) -> None:
    """NotFound: no such organization."""
    if account_queries.organization(organization_id) is None:
        raise NotFound("There is no such organization.")


def forget_failures(session: WriteSession, webhook_id: str) -> None:
    """It starts afresh: neither throttled nor failing since before it was paused."""
    session.execute(
        update(WebhookState)
        .where(WebhookState.webhook_id == webhook_id)
        .values(window=None, failing_since=None, told_failing_at=None)
        .execution_options(synchronize_session=False)
    )
    overruns.forget(session.connection(), [webhook_id])
