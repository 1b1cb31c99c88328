"""How many deliveries of each webhook are claimed: kept with the ledger's rows, by whoever changes
these, so that the number is true at every commit."""

import logging
from collections import Counter
from collections.abc import Iterable

from sqlalchemy import case, select, update

from app.models import WebhookState
from app.queries import maintenance as maintenance_queries
from app.services.maintenance.periodic import PeriodicTask
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

_log = logging.getLogger(__name__)
# Mended in one transaction.
AT_ONCE = 100


def subtract(session: WriteSession, webhook_ids: Iterable[str]) -> None:
    """The webhook of each claimed row that was deleted, after its deletion."""
    number = WebhookState.in_flight
    # In the order in which workers lock them.
    for webhook_id, less in sorted(Counter(webhook_ids).items()):
        session.execute(
            update(WebhookState)
            .where(WebhookState.webhook_id == webhook_id)
            .values(in_flight=case((number > less, number - less), else_=0))
        )


def recount(_: float) -> bool:
    """A chore's work: true numbers where they are not, whatever came over them; too high a one
    would keep its webhook waiting for ever. Whether there may be more."""
    wrong = maintenance_queries.wrong_in_flight_counts(AT_ONCE)
    if not wrong:
        return False
    with write_transaction() as session:
        # Whoever claims or records for a webhook locks its state; what it has not committed yet
        # is not counted, and it adds to what it finds when it gets the lock.
        states = select(WebhookState.webhook_id).where(WebhookState.webhook_id.in_(wrong))
        session.execute(states.order_by(WebhookState.webhook_id).with_for_update())
        for webhook_id in wrong:
            number = maintenance_queries.claimed(webhook_id)
            _log.warning("webhook %s: %d in flight, not what was kept", webhook_id, number)
            session.execute(
                update(WebhookState)
                .where(WebhookState.webhook_id == webhook_id)
                .values(in_flight=number)
            )
    return len(wrong) == AT_ONCE


RECOUNTING = PeriodicTask("recounting", 60.0, recount)
