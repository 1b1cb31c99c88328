"""Suspend an organization: its API keys and people are refused, and its deliveries wait.

Its active webhooks are paused and marked as held, which every worker obeys without knowing about
organizations. Their queued deliveries stay in the due queue, and retries of attempts in flight join
them. Resuming enables exactly the webhooks that were held.
"""

from sqlalchemy import or_, select, update

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict
from app.models import Organization, Webhook, WebhookState
from app.runtime.context import runtime
from app.services.accounts import credential_cache
from app.services.accounts.actor import Actor
from app.services.accounts.locking import lock_organization
from app.services.audit import log as audit
from app.store import key_order as ordering
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction


def suspend(organization_id: str, actor: Actor) -> Organization:
    """No event is accepted after it returns. Raises NotFound, or Conflict if it is suspended."""
    with write_transaction() as session:
        organization = locked(session, organization_id)
        if organization.suspended_at is not None:
            raise Conflict("The organization is suspended already.")
        organization.suspended_at = now_ms()
        held = switch(session, organization_id, hold=True)
        after = {"webhooks_held": held}
        audit.record(
            session, organization_id, actor, "organization.suspend", organization_id, after=after
        )
    credential_cache.clear()
    return organization


def resume(organization_id: str, actor: Actor) -> Organization:
    """Raises NotFound, or Conflict if it is not suspended."""
    with write_transaction() as session:
        organization = locked(session, organization_id)
        if organization.suspended_at is None:
            raise Conflict("The organization is not suspended.")
        before = {"suspended_at": organization.suspended_at}
        organization.suspended_at = None
        after = {"webhooks_enabled": switch(session, organization_id, hold=False)}
        audit.record(
            session,
            organization_id,
            actor,
            "organization.resume",
            organization_id,
            before=before,
            after=after,
        )
    credential_cache.clear()
    runtime().wake_up.notify()
    return organization


def locked(session: WriteSession, organization_id: str) -> Organization:
    """The organization, while no event of it is accepted: each is accepted before or refused
    after. NotFound."""
    ordering.lock_organizations(session, [organization_id], shared=False)
    organization = lock_organization(session, organization_id)
    organization.webhooks_version += 1
    return organization


def switch(session: WriteSession, organization_id: str, *, hold: bool) -> int:
    """Hold active webhooks, or enable those that were held; how many. Callback targets too."""
    condition = Webhook.is_active if hold else Webhook.held
    switched = session.scalars(
        update(Webhook)
        .where(Webhook.organization_id == organization_id, condition, Webhook.deleted_at.is_(None))
        .values(is_active=not hold, held=hold, version=Webhook.version + 1, updated_at=now_ms())
        .returning(Webhook.id)
    ).all()
    if not hold:
        _reset_health(session, organization_id)
    return len(switched)


def _reset_health(session: WriteSession, organization_id: str) -> None:
    """As when a person resumes a webhook: throttling and failures from before are forgotten."""
    in_trouble = (
        WebhookState.organization_id == organization_id,
        or_(WebhookState.failing_since.is_not(None), WebhookState.window.is_not(None)),
    )
    # In the order in which workers lock them.
    locked = select(WebhookState.webhook_id).where(*in_trouble).order_by(WebhookState.webhook_id)
    session.execute(locked.with_for_update())
    forgotten = {"window": None, "failing_since": None, "told_failing_at": None}
    session.execute(update(WebhookState).where(*in_trouble).values(**forgotten))
