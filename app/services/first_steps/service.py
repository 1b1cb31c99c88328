"""First steps: create what is missing, and send a sample event through it."""

from app.domain.common.clock import now_ms
from app.domain.common.errors import NotFound
from app.domain.common.json_text import quoted
from app.domain.event_types.names import sample_for
from app.domain.events.input import parse_event
from app.domain.test_inbox.responses import inbox_url
from app.domain.webhooks.presets import DEFAULT_PRESET
from app.models import Organization, Webhook
from app.queries import first_steps as queries
from app.queries import test_inbox as inbox_queries
from app.runtime.context import runtime
from app.services.accounts import api_keys
from app.services.accounts.actor import Actor
from app.services.accounts.api_keys import NewKey
from app.services.audit import log as audit
from app.services.events import publishing
from app.services.test_inbox import inboxes
from app.services.webhooks import service as webhook_service
from app.services.webhooks import test_sends
from app.store.transaction import write_transaction

SAMPLE_TYPE = "encoding.finished"
KEY_NAME = "First steps"
WEBHOOK_NAME = "Sample"


def inbox_prefix() -> str:
    """What the URLs of test inboxes begin with."""
    return inbox_url(runtime().settings.public_url, "")


def sample_payload() -> bytes:
    return bytes(sample_for(SAMPLE_TYPE, DEFAULT_PRESET))


def send_to_test_inbox(organization_id: str, actor: Actor) -> str:
    """Send a sample event to the newest test inbox, with a webhook to it; both are created if they
    are missing. Returns the event's id. Conflict, QuotaExceeded."""
    inbox = next(iter(inbox_queries.listed(organization_id)), None)
    if inbox is None:
        inbox = inboxes.create(organization_id, {}, actor)
    url = inbox_url(runtime().settings.public_url, inbox.token)
    senders = inbox_queries.senders(organization_id, url)
    webhook = next((row for row in senders if row.is_active), None)
    if webhook is None:
        webhook = webhook_service.create(organization_id, {"url": url, "name": WEBHOOK_NAME}, actor)
    return _send_sample(organization_id, webhook, actor)


def send_to_receiver(organization_id: str, url: str, actor: Actor) -> str:
    """Create a webhook to this URL and send it a sample event. Returns the event's id. Invalid,
    QuotaExceeded."""
    webhook = webhook_service.create(organization_id, {"url": url}, actor)
    return _send_sample(organization_id, webhook, actor)


def create_key(organization_id: str, actor: Actor) -> NewKey:
    """An API key that can only post events."""
    return api_keys.create(organization_id, KEY_NAME, ["events:write"], actor=actor)


def hide(organization_id: str, actor: Actor) -> None:
    """Show the first steps no longer on the overview, for all members. NotFound."""
    with write_transaction() as session:
        organization = session.get(Organization, organization_id)
        if organization is None:
            raise NotFound
        if organization.first_steps_hidden_at is None:
            organization.first_steps_hidden_at = now_ms()
            audit.record(
                session, organization_id, actor, "first_steps.hide", organization_id, after={}
            )


def _send_sample(organization_id: str, webhook: Webhook, actor: Actor) -> str:
    """Publish a sample event, unless other receivers would get it: then it is a test send, which
    only this webhook gets."""
    if queries.has_other_active(organization_id, inbox_prefix(), webhook.id):
        return test_sends.check(organization_id, webhook.id, actor, type_=SAMPLE_TYPE).event.id
    document = b'{"type":' + quoted(SAMPLE_TYPE) + b',"payload":' + sample_payload() + b"}"
    draft = parse_event(document, max_bytes=runtime().settings.max_event_bytes)
    return publishing.publish(organization_id, draft).id
