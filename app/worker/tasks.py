"""List the periodic tasks that workers share."""

from app.services.idempotency import requests as idempotency
from app.services.issues import outlasted
from app.services.jobs import running as jobs
from app.services.listeners import service as listeners
from app.services.maintenance import clock_steps, retention, sealing, value_index
from app.services.maintenance import counters as counting
from app.services.maintenance import in_flight_counts as in_flight
from app.services.maintenance.periodic import PeriodicTask
from app.services.notifications import account_email_task, digests, webhook_email_task
from app.services.notifications import notices as publishing

# Most urgent first: a task with a backlog takes the time of those behind it. The first one only
# starts a thread.
PERIODIC_TASKS: tuple[PeriodicTask, ...] = (
    jobs.LOOKING,
    counting.COUNTING,
    publishing.NOTICE_TASK,
    digests.DIGEST_TASK,
    webhook_email_task.WEBHOOK_EMAIL_TASK,
    account_email_task.ACCOUNT_EMAIL_TASK,
    value_index.INDEXING,
    outlasted.ENDING,
    counting.PRUNING,
    retention.RETENTION,
    in_flight.RECOUNTING,
    clock_steps.CORRECTING,
    sealing.SEALING,
    idempotency.EXPIRING,
    listeners.EXPIRING,
    jobs.EXPIRING,
)
