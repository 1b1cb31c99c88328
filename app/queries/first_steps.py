"""How far an organization has come with its first steps, at constant cost."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select

from app.models import ApiKey, TestInbox, Webhook, WebhookState
from app.models.common.base import db


@dataclass(frozen=True, slots=True)
class Progress:
    """sample: a test inbox has received a request. called: an API key was used. receiver: there is
    a webhook to a receiver of its own, the newest. delivered: such a webhook got a request."""

    sample: bool
    called: bool
    receiver: Webhook | None
    delivered: bool


def progress(organization_id: str, inbox_prefix: str) -> Progress:
    """inbox_prefix: what the URLs of test inboxes begin with."""
    own = _of_own_receivers(organization_id, inbox_prefix)
    sample, called, delivered = db.session.execute(
        select(
            exists().where(TestInbox.organization_id == organization_id, TestInbox.received > 0),
            exists().where(
                ApiKey.organization_id == organization_id, ApiKey.last_used_at.is_not(None)
            ),
            exists().where(
                *own,
                WebhookState.webhook_id == Webhook.id,
                WebhookState.last_success_at.is_not(None),
            ),
        )
    ).one()
    newest = select(Webhook).where(*own).order_by(Webhook.id.desc()).limit(1)
    return Progress(sample, called, db.session.scalar(newest), delivered)


def has_other_active(organization_id: str, inbox_prefix: str, webhook_id: str) -> bool:
    """Whether an event could reach a receiver besides this webhook's and test inboxes."""
    others = (Webhook.is_active, Webhook.id != webhook_id)
    is_there = exists().where(*_of_own_receivers(organization_id, inbox_prefix), *others)
    return bool(db.session.scalar(select(is_there)))


def _of_own_receivers(organization_id: str, prefix: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Webhook.organization_id == organization_id,
        Webhook.kind == "webhook",
        Webhook.deleted_at.is_(None),
        ~Webhook.url.startswith(prefix, autoescape=True),
    )
