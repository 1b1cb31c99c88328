"""List the periodic tasks that workers share."""

from app.services.maintenance import counting, in_flight, retention
from app.services.maintenance.periodic import PeriodicTask
from app.services.notifications import email_delivery, publishing

# Most urgent first.
PERIODIC_TASKS: tuple[PeriodicTask, ...] = (
    counting.COUNTING,
    publishing.NOTICING,
    email_delivery.MAILING,
    counting.PRUNING,
    retention.RETENTION,
    in_flight.RECOUNTING,
)
