"""Keep each webhook's number of claimed deliveries exact: it changes in the same transaction as the
due queue."""

import logging
from collections import Counter
from collections.abc import Iterable

from sqlalchemy import case, select, update

from app.models import WebhookState
from app.queries.maintenance import tasks as maintenance_queries
from app.services.maintenance.periodic import PeriodicTask
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

_log = logging.getLogger(__name__)
# Corrected in one transaction.
AT_ONCE = 100


def subtract(session: WriteSession, webhook_ids: Iterable[str]) -> None:
    """webhook_ids: one for each claimed row that was deleted."""
    number = WebhookState.in_flight
    # In the order in which workers lock them.
    for webhook_id, less in sorted(Counter(webhook_ids).items()):
        session.execute(
            update(WebhookState)
            .where(WebhookState.webhook_id == webhook_id)
            .values(in_flight=case((number > less, number - less), else_=0))
        )


def recount(_: float) -> bool:
    """Correct wrong numbers; one that is too high would block its webhook. Returns whether there
    may be more."""
    wrong = maintenance_queries.wrong_in_flight_counts(AT_ONCE)
    if not wrong:
        return False
    with write_transaction() as session:
        # Claiming and recording lock the webhook's state first, so uncommitted changes are added
        # to the corrected number.
        states = select(WebhookState.webhook_id).where(WebhookState.webhook_id.in_(wrong))
        session.execute(states.order_by(WebhookState.webhook_id).with_for_update())
        for webhook_id in wrong:
            number = maintenance_queries.claimed(webhook_id)
            _log.warning("webhook %s: corrected the number in flight to %d", webhook_id, number)
            session.execute(
                update(WebhookState)
                .where(WebhookState.webhook_id == webhook_id)
                .values(in_flight=number)
            )
    return len(wrong) == AT_ONCE


RECOUNTING = PeriodicTask("recounting", 60.0, recount)
