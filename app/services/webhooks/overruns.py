"""Count filters that exceeded their budget."""

from collections.abc import Iterable, Mapping
from functools import partial

from app.domain.common.clock import now_ms
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.filters import FilterVerdict
from app.models.common.base import db
from app.store import key_order as ordering
from app.store import overruns
from app.store.deadlocks import retry_on_deadlock
from app.store.transaction import write_transaction


def note_filters(
    organization_id: str, webhooks: Iterable[WebhookFacts], verdicts: Mapping[str, FilterVerdict]
) -> None:
    """Disable webhooks whose filter exceeded its budget several times in a row. verdicts: of the
    sandbox."""
    over: set[str] = set()
    within: set[str] = set()
    for webhook in webhooks:
        verdict = verdicts.get(webhook.filter or "")
        if verdict is not None:
            (over if verdict.over_budget else within).add(webhook.id)
    known: set[str] = set()
    if within:
        known = overruns.counted(db.session.connection(), within, overruns.FILTER)
        db.session.commit()
    if over or known:
        retry_on_deadlock(partial(_note, organization_id, over, known))


def _note(organization_id: str, over: Iterable[str], within: set[str]) -> None:
    with write_transaction() as session:
        connection = session.connection()
        # Taken first, as in every transaction.
        ordering.lock_organizations(session, [organization_id], shared=False)
        if within:
            overruns.forget(connection, within, overruns.FILTER)
        for webhook_id in sorted(over):
            number = overruns.count(connection, webhook_id, overruns.FILTER, 1)
            if number >= overruns.MAX_OVERRUNS:
                overruns.disable_for(connection, webhook_id, overruns.FILTER, now_ms())
