"""Send emails that are due.

A mail server may take seconds, so the periodic task only starts a background thread. An email that
is being sent becomes due again after a while unless its result is recorded: after a crash it is
sent twice rather than never."""

import logging

from sqlalchemy import select

from app.domain.common.clock import now_ms
from app.domain.notifications.mail_server import parse_mail_server
from app.domain.notifications.system_events import PACE_MS
from app.models import QueuedEmail
from app.models.base import db
from app.queries import notifications
from app.runtime.context import runtime
from app.sending.email import MailRejected, SmtpClient
from app.services.maintenance.periodic import PeriodicTask
from app.services.notifications import email_texts
from app.store.transaction import write_transaction

_log = logging.getLogger(__name__)

# An email without a recorded result is sent again after this.
LEASE_MS = 5 * 60_000
# Before the second attempt, the third and so on; then the email fails.
WAITS_MS = tuple(minutes * 60_000 for minutes in (1, 5, 15, 60, 240, 720))
# The longest that an email waits for its next attempt, by the number of attempts so far.
LONGEST_WAITS_MS = (PACE_MS, *(max(LEASE_MS, wait) for wait in (*WAITS_MS, 0)))
# Per run of the background thread.
AT_ONCE = 50


def work(_: float) -> bool:
    if runtime().settings.smtp_url is not None and notifications.is_due(now_ms()):
        runtime().background.start("mail", send_due)
    return False


MAILING = PeriodicTask("mailing", 5.0, work)


def send_due() -> int:
    """Send due emails one after the other. Returns the number of attempts."""
    url = runtime().settings.smtp_url
    if url is None:
        return 0
    number = 0
    with SmtpClient(parse_mail_server(url)) as client:
        while number < AT_ONCE and (mail := _take(now_ms())) is not None:
            _send(client, mail, _render(mail))
            number += 1
    return number


def _take(now: int) -> QueuedEmail | None:
    with write_transaction() as session:
        mail = session.scalars(
            select(QueuedEmail)
            .where(QueuedEmail.next_at <= now)
            .order_by(QueuedEmail.next_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if mail is not None:
            mail.state, mail.tries, mail.next_at = "sending", mail.tries + 1, now + LEASE_MS
            session.flush()
            session.expunge(mail)
        return mail


def _render(mail: QueuedEmail) -> email_texts.Email | None:
    email = email_texts.about(mail)
    # No transaction is open while a socket is.
    db.session.commit()
    return email


def _send(client: SmtpClient, mail: QueuedEmail, email: email_texts.Email | None) -> None:
    if email is None:
        _record(mail, "dropped")
        return
    try:
        client.send(email.message())
    except MailRejected as error:
        _log.warning("mail server rejected email %d: %s", mail.id, error)
        last = error.for_good or mail.tries > len(WAITS_MS)
        _record(mail, "failed" if last else "sending", str(error))
    else:
        _record(mail, "sent")


def _record(mail: QueuedEmail, state: str, problem: str | None = None) -> None:
    now = now_ms()
    with write_transaction() as session:
        row = session.get(QueuedEmail, mail.id)
        # Deleted, or sent meanwhile by another worker, whose result counts.
        if row is None or row.tries != mail.tries:
            return
        row.state, row.problem = state, problem
        row.next_at = now + WAITS_MS[mail.tries - 1] if state == "sending" else None
        row.sent_at = now if state == "sent" else None
