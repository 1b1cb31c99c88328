"""List the periodic tasks that workers share."""

from app.services.maintenance import clock_steps, retention, sealing
from app.services.maintenance import counters as counting
from app.services.maintenance import in_flight_counts as in_flight
from app.services.maintenance.periodic import PeriodicTask
from app.services.notifications import account_email_delivery, email_delivery
from app.services.notifications import notices as publishing

# Most urgent first.
PERIODIC_TASKS: tuple[PeriodicTask, ...] = (
    counting.COUNTING,
    publishing.NOTICING,
    email_delivery.MAILING,
    account_email_delivery.ACCOUNT_MAILING,
    counting.PRUNING,
    retention.RETENTION,
    in_flight.RECOUNTING,
    clock_steps.CORRECTING,
    sealing.SEALING,
)
