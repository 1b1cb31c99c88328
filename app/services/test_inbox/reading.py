"""Read a request that a test inbox received, as a person or a key may see it."""

from dataclasses import dataclass

from app.domain.deliveries import masking
from app.models import TestInboxRequest
from app.queries import webhooks as webhook_queries
from app.services.accounts.actor import Actor
from app.services.audit.reads import record_read_once
from app.services.deliveries.sent_requests import OPENED


@dataclass(frozen=True, slots=True)
class Content:
    """head: request line and headers. shows_secrets: it contains some, opened."""

    head: bytes
    body: bytes
    shows_secrets: bool


def content_of(row: TestInboxRequest, *, shows_secrets: bool) -> Content:
    """shows_secrets: of the sending webhook; otherwise they are masked."""
    webhook = (
        webhook_queries.get_any(row.organization_id, row.webhook_id) if row.webhook_id else None
    )
    recorded, body = bytes(row.head), bytes(row.body)
    if shows_secrets:
        head = OPENED.head(recorded)
        return Content(head, body, head != recorded)
    masker = masking.of(webhook)
    return Content(masker.head(recorded), masker.body(body) if webhook else body, False)


def record_reveal(row: TestInboxRequest, actor: Actor) -> None:
    """Record that its secrets were read."""
    action = "catcher.reveal_secret"
    record_read_once(row.organization_id, actor, action, row.catcher_id)
