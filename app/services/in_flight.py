"""How many deliveries of each webhook are claimed: kept with the ledger's rows, by whoever changes
these, so that the number is true at every commit."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import case, update

from app.models import WebhookState
from app.models.bulk import Opened


def taken_out(session: Opened, webhook_ids: Iterable[str]) -> None:
    """The webhook of each claimed row that was deleted, after its deletion."""
    number = WebhookState.in_flight
    # In the order in which workers lock them.
    for webhook_id, less in sorted(Counter(webhook_ids).items()):
        session.execute(
            update(WebhookState)
            .where(WebhookState.webhook_id == webhook_id)
            .values(in_flight=case((number > less, number - less), else_=0))
            .execution_options(synchronize_session=False)
        )
