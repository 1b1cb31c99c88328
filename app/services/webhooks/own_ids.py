"""Ids of the caller's own for webhooks, unique in the organization."""

from app.domain.common.errors import Conflict
from app.models import Webhook
from app.queries import webhooks as webhook_queries
from app.services.accounts.actor import Actor
from app.services.webhooks.changes import changing


class Kept:
    """In place of a uid: what is stored stays."""


KEPT = Kept()
Uid = str | Kept | None


def give(row: Webhook, uid: str | None) -> None:
    """In the caller's transaction, which has locked the organization. uid: checked. Conflict."""
    if uid is not None:
        holder = webhook_queries.by_uid(row.organization_id, uid)
        if holder is not None and holder.id != row.id:
            raise Conflict(f"Another webhook has the uid {uid}.")
    row.uid = uid


def change(organization_id: str, webhook_id: str, uid: str | None, actor: Actor) -> None:
    """None: remove it. NotFound, Conflict."""
    with changing(organization_id, webhook_id, actor, "webhook.update") as open_change:
        give(open_change.row, uid)
