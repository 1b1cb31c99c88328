"""Show a webhook's secrets, with an entry in the audit log."""

from app.domain.webhooks.settings.catalogue import OWNER_SECRETS
from app.models import Webhook
from app.services.accounts.actor import Actor
from app.services.audit.reads import record_read, record_read_once
from app.services.webhooks.changes import get_webhook
from app.services.webhooks.service import Secrets, open_secrets

_ACTION = "webhook.reveal_secret"
# Certificates are no secrets, and their keys are not shown.
_RECORDED = [setting.name for setting in OWNER_SECRETS if setting.widget != "pem"]


def reveal_secrets(organization_id: str, webhook_id: str, actor: Actor) -> Secrets:
    """NotFound."""
    row = get_webhook(organization_id, webhook_id)
    secrets = open_secrets(row)
    record_read(organization_id, actor, _ACTION, row.id, row.name or row.url)
    return secrets


def shown_secrets(row: Webhook, actor: Actor) -> Secrets:
    """The secrets in a document that programs read often: recorded once an hour, if there are any
    that the receiver's owner set."""
    secrets = open_secrets(row)
    if any(getattr(secrets, name) for name in _RECORDED):
        record_read_once(row.organization_id, actor, _ACTION, row.id, row.name or row.url)
    return secrets
