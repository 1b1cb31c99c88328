"""Send emails about accounts: invitations, password resets, notices of sign-ins.

People wait for them, so they have a queue of their own and do not wait for those about webhooks.
"""

from app.models import AccountEmail
from app.queries.accounts import emails as account_emails
from app.services.maintenance.periodic import PeriodicTask
from app.services.notifications import account_texts
from app.services.notifications.email_queue import EmailQueue

LEASE_MS = 2 * 60_000
# Links in emails are short-lived.
WAITS_MS = tuple(minutes * 60_000 for minutes in (1, 5, 15))

QUEUE = EmailQueue(
    "account email",
    AccountEmail,
    lambda now: account_emails.is_due(now, max(WAITS_MS)),
    account_texts.render,
    LEASE_MS,
    WAITS_MS,
)
send_due = QUEUE.send_due
ACCOUNT_EMAIL_TASK = PeriodicTask("account mailing", 2.0, QUEUE.work, QUEUE.rows_to_do)
