"""Count filters that exceeded their budget, after the event was accepted."""

from collections.abc import Iterable, Mapping
from functools import partial

from app.domain.common.clock import now_ms
from app.models.base import db
from app.store import key_order as ordering
from app.store import overruns
from app.store.deadlocks import retry_on_deadlock
from app.store.transaction import write_transaction


def note_filters(judged: Iterable[tuple[str, Mapping[str, bool]]]) -> None:
    """Disable webhooks whose filter exceeded its budget several times in a row.

    judged: the organization, and for each webhook whose filter ran in the sandbox whether it
    exceeded its budget; in the order of the events."""
    for organization_id, webhooks in judged:
        over = [webhook_id for webhook_id, is_over in webhooks.items() if is_over]
        within = [webhook_id for webhook_id, is_over in webhooks.items() if not is_over]
        known: set[str] = set()
        if within:
            known = overruns.counted(db.session.connection(), within, overruns.FILTER)
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
