"""Send emails about accounts: invitations, password resets, notices of sign-ins.

People wait for them, so they do not queue behind notifications of webhooks. A mail server may take
seconds: the periodic task only starts a background thread."""

import logging

from sqlalchemy import or_, select

from app.domain.common.clock import now_ms
from app.domain.notifications.mail_server import parse_mail_server
from app.models import AccountEmail
from app.models.base import db
from app.queries import account_emails
from app.runtime.context import runtime
from app.sending.email import MailRejected, SmtpClient
from app.services.maintenance.periodic import PeriodicTask
from app.services.notifications import account_texts
from app.services.notifications.email_texts import Email
from app.store.transaction import write_transaction

_log = logging.getLogger(__name__)

# An email without a recorded result is sent again after this.
LEASE_MS = 2 * 60_000
# Before the second attempt and so on; then the email fails. Links in emails are short-lived.
WAITS_MS = tuple(minutes * 60_000 for minutes in (1, 5, 15))
# Per run of the background thread.
AT_ONCE = 50


def work(_: float) -> bool:
    if runtime().settings.smtp_url is not None and account_emails.is_due(now_ms(), max(WAITS_MS)):
        runtime().background.start("account mail", send_due)
    return False


ACCOUNT_MAILING = PeriodicTask("account mailing", 2.0, work)


def send_due() -> int:
    """Send due emails one after the other. Returns the number of attempts."""
    url = runtime().settings.smtp_url
    if url is None:
        return 0
    number = 0
    with SmtpClient(parse_mail_server(url)) as client:
        while number < AT_ONCE and (mail := _take(now_ms())) is not None:
            email = account_texts.render(mail)
            # No transaction is open while a socket is.
            db.session.commit()
            _send(client, mail, email)
            number += 1
    return number


def _take(now: int) -> AccountEmail | None:
    with write_transaction() as session:
        mail = session.scalars(
            select(AccountEmail)
            # A time further ahead than any delay was written by a clock that was ahead.
            .where(or_(AccountEmail.next_at <= now, AccountEmail.next_at > now + max(WAITS_MS)))
            .order_by(AccountEmail.next_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if mail is not None:
            mail.state, mail.tries, mail.next_at = "sending", mail.tries + 1, now + LEASE_MS
            session.flush()
            session.expunge(mail)
        return mail


def _send(client: SmtpClient, mail: AccountEmail, email: Email | None) -> None:
    if email is None:
        _record(mail, "dropped")
        return
    try:
        client.send(email.message())
    except MailRejected as error:
        _log.warning("mail server rejected account email %d: %s", mail.id, error)
        last = error.for_good or mail.tries > len(WAITS_MS)
        _record(mail, "failed" if last else "sending", str(error))
    else:
        _record(mail, "sent")


def _record(mail: AccountEmail, state: str, problem: str | None = None) -> None:
    now = now_ms()
    with write_transaction() as session:
        row = session.get(AccountEmail, mail.id)
        # Deleted, or sent meanwhile by another worker, whose result counts.
        if row is None or row.tries != mail.tries:
            return
        row.state, row.problem = state, problem
        row.next_at = now + WAITS_MS[mail.tries - 1] if state == "sending" else None
        row.sent_at = now if state == "sent" else None
