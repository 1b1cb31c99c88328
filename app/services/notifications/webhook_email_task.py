"""Send the emails that tell members about webhooks."""

from app.domain.notifications.system_events import PACE_MS
from app.models import QueuedEmail
from app.queries import notifications
from app.services.maintenance.periodic import PeriodicTask
from app.services.notifications import email_texts
from app.services.notifications.email_queue import EmailQueue

LEASE_MS = 5 * 60_000
WAITS_MS = tuple(minutes * 60_000 for minutes in (1, 5, 15, 60, 240, 720))
# The longest that an email waits for its next attempt, by the number of attempts so far.
LONGEST_WAITS_MS = (PACE_MS, *(max(LEASE_MS, wait) for wait in (*WAITS_MS, 0)))

QUEUE = EmailQueue(
    "email", QueuedEmail, notifications.is_due, email_texts.render, LEASE_MS, WAITS_MS
)
send_due = QUEUE.send_due
WEBHOOK_EMAIL_TASK = PeriodicTask("mailing", 5.0, QUEUE.work, QUEUE.rows_to_do)
