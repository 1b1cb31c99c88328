"""Webhooks as they are listed and looked at. Lanes of one-off callbacks are never among them."""

from app.models import Webhook, WebhookState
from app.queries.pages import Page


def page(
    organization_id: str,
    limit: int = 50,
    cursor: str | None = None,
    *,
    q: str | None = None,
    include_once: bool = False,
) -> Page[Webhook]:
    """Newest first. q: text in the name or URL, or an id."""
    raise NotImplementedError


def get(organization_id: str, webhook_id: str) -> Webhook | None:
    """None also for a deleted one."""
    raise NotImplementedError


def listed(organization_id: str, *, include_once: bool = False) -> list[Webhook]:
    """All of them, newest first."""
    raise NotImplementedError


def states_of(organization_id: str, webhook_ids: list[str]) -> dict[str, WebhookState]:
    """What workers keep of each: its window, last success, last failure, since when it fails."""
    raise NotImplementedError
