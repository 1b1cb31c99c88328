"""Submit renders: publish `render.queued`, and call back once when the render ends."""

from functools import partial

from app.domain.addresses.urls import check_url
from app.domain.common.ids import new_id
from app.domain.events.event import EventDraft
from app.domain.events.merge_fields import merge_callback
from app.domain.webhooks.settings.completion import Settings, complete
from app.runtime.context import runtime
from app.sending.addresses.saving import check_saved_url
from app.services.accounts.actor import Actor
from app.services.events.conformity import checked_ahead
from app.services.events.drafts import Prepared, prepare
from app.services.events.intake import accept
from app.services.events.judging import judged_ahead, until_judged
from app.services.events.publishing import after_commit
from app.services.events.receipts import Accepted
from app.services.webhooks import service as webhook_service
from app.services.webhooks.cache import webhook_cache
from app.services.webhooks.callback_targets import with_secret
from app.store.deadlocks import retry_on_deadlock
from app.store.transaction import write_transaction

QUEUED = "render.queued"
ENDED = ("render.done", "render.failed")

Merge = tuple[tuple[str, str], ...]


def submit(
    organization_id: str, payload: bytes, callback: str | None, merge: Merge, actor: Actor
) -> str:
    """Publish `render.queued` with this payload, and create a one-time webhook for the callback in
    the same transaction. Return the id of the render, which is the source of its events.

    callback: a URL with merge fields, called with the first event of ENDED. Invalid, on
    `callback`. NotFound: no such organization.
    """
    render_id = new_id()
    draft = EventDraft(QUEUED, payload, source=render_id)
    prepared = prepare(organization_id, draft, runtime().guard, runtime().tracing)
    webhook = None if callback is None else _callback_settings(render_id, callback, merge)
    [prepared] = checked_ahead((judged_ahead(prepared, webhook_cache()),), webhook_cache())
    accepted = until_judged(
        lambda items: retry_on_deadlock(partial(_submit, items[0], webhook, actor)), [prepared]
    )
    after_commit([accepted])
    return render_id


def _callback_settings(render_id: str, callback: str, merge: Merge) -> Settings:
    url = check_url(merge_callback(callback, merge), "callback")
    check_saved_url(
        url, runtime().guard, dns_servers=runtime().settings.dns_servers, field="callback"
    )
    document = {
        "name": f"Render {render_id}",
        "url": url,
        "preset": "render",
        "event_types": list(ENDED),
        "sources": [render_id],
        "once": True,
    }
    return complete(document, existing=None, mode="create")


def _submit(prepared: Prepared, webhook: Settings | None, actor: Actor) -> Accepted:
    with write_transaction() as session:
        [accepted] = accept(session.connection(), webhook_cache(), [prepared])
        if not isinstance(accepted, Accepted):
            raise accepted
        if webhook is not None:
            # The receiver knows the organization's callback secret, not that of a hidden webhook.
            organization = with_secret(session, prepared.organization_id)
            webhook_service.add(session, organization.id, webhook, actor, signed_by=organization)
        return accepted
