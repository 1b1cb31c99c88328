"""Send the emails of a table that are due.

A mail server may take seconds, so a periodic task only starts a background thread. An email that is
being sent becomes due again after a while unless its result is recorded: after a crash it is sent
twice rather than never.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Select, select

from app.domain.common.clock import now_ms
from app.domain.notifications.mail_server import parse_mail_server
from app.models import AccountEmail, QueuedEmail
from app.models.common.base import db
from app.queries import notifications
from app.queries.common.moments import Moment
from app.runtime.context import runtime
from app.sending.email import MailRejected, SmtpClient
from app.services.notifications.email_texts import Email
from app.store.transaction import write_transaction

_log = logging.getLogger(__name__)

# Per run of the background thread.
AT_ONCE = 50

Mail = TypeVar("Mail", QueuedEmail, AccountEmail)


@dataclass(frozen=True, slots=True)
class EmailQueue(Generic[Mail]):
    """is_due: the condition at a time (ms). render: the email, or None if nobody wants it any more.
    lease_ms: an email without a recorded result is sent again after this. waits_ms: before the
    second attempt, the third and so on; then the email fails. name: of the thread, and in the log.
    """

    name: str
    model: type[Mail]
    is_due: Callable[[Moment], ColumnElement[bool]]
    render: Callable[[Mail], Email | None]
    lease_ms: int
    waits_ms: tuple[int, ...]

    def work(self, _: float) -> bool:
        """For a periodic task."""
        if runtime().settings.smtp_url is not None:
            runtime().background.start(self.name, self.send_due)
        return False

    def rows_to_do(self, now: Moment) -> Select[int]:
        return notifications.emails(self.model, self.is_due(now))

    def send_due(self) -> int:
        """Send due emails one after the other. Returns the number of attempts."""
        url = runtime().settings.smtp_url
        if url is None:
            return 0
        number = 0
        with SmtpClient(parse_mail_server(url)) as client:
            while number < AT_ONCE and (mail := self._take(now_ms())) is not None:
                email = self.render(mail)
                # No transaction is open while a socket is.
                db.session.commit()
                self._send(client, mail, email)
                number += 1
        return number

    def _take(self, now: int) -> Mail | None:
        with write_transaction() as session:
            mail = session.scalars(
                select(self.model)
                .where(self.is_due(now))
                .order_by(self.model.next_at)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).first()
            if mail is not None:
                mail.state, mail.tries, mail.next_at = (
                    "sending",
                    mail.tries + 1,
                    now + self.lease_ms,
                )
                session.flush()
                session.expunge(mail)
            return mail

    def _send(self, client: SmtpClient, mail: Mail, email: Email | None) -> None:
        if email is None:
            self._record(mail, "dropped")
            return
        try:
            client.send(email.message())
        except MailRejected as error:
            _log.warning("mail server rejected %s %d: %s", self.name, mail.id, error)
            last = error.for_good or mail.tries > len(self.waits_ms)
            self._record(mail, "failed" if last else "sending", str(error))
        else:
            self._record(mail, "sent")

    def _record(self, mail: Mail, state: str, problem: str | None = None) -> None:
        now = now_ms()
        with write_transaction() as session:
            row = session.get(self.model, mail.id)
            # Deleted, or sent meanwhile by another worker, whose result counts.
            if row is None or row.tries != mail.tries:
                return
            row.state, row.problem = state, problem
            row.next_at = now + self.waits_ms[mail.tries - 1] if state == "sending" else None
            row.sent_at = now if state == "sent" else None
