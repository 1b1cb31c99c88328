"""Note when deliveries succeeded again: an acknowledgement until then ends with the first success.

The webhook's state has its last success only. Without this note, each success after another failure
would hide that failure behind the acknowledgement again. What fails and succeeds again before the
note, which takes about two seconds, counts as one success: noting it where results are recorded
would cost each delivery.
"""

from sqlalchemy import select, update

from app.domain.issues.coverage import RESOLVED
from app.models import Acknowledgement, WebhookState
from app.queries import acknowledgements as queries
from app.services.maintenance.periodic import PeriodicTask
from app.store.transaction import write_transaction


def end(_: float) -> bool:
    success = (
        select(WebhookState.last_success_at)
        .where(WebhookState.webhook_id == Acknowledgement.webhook_id)
        .scalar_subquery()
    )
    with write_transaction() as session:
        session.execute(
            update(Acknowledgement)
            .where(
                Acknowledgement.lasts == RESOLVED,
                Acknowledgement.until.is_(None),
                success > Acknowledgement.at,
            )
            .values(until=success)
        )
    return False


ENDING = PeriodicTask("acknowledgements", 2.0, end, queries.outlasted)
