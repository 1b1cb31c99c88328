"""Note when deliveries succeeded again: an acknowledgement until then ends with the first success.

The webhook's state has its last success only. Without this note, each success after another failure
would hide that failure behind the acknowledgement again. What fails and succeeds again before the
note, which takes about two seconds, counts as one success: noting it where results are recorded
would cost each delivery.
"""

from sqlalchemy import update

from app.models import Acknowledgement
from app.queries import acknowledgements as queries
from app.services.maintenance.periodic import PeriodicTask
from app.store.transaction import write_transaction


def end(_: float) -> bool:
    with write_transaction() as session:
        ended = update(Acknowledgement).where(queries.IS_OUTLASTED)
        session.execute(ended.values(until=queries.LAST_SUCCESS))
    return False


ENDING = PeriodicTask("acknowledgements", 2.0, end, queries.outlasted)
