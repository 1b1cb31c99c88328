"""Notification preferences of members, and a test email."""

from collections.abc import Iterable

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound
from app.domain.common.ids import new_id
from app.domain.notifications.mail_server import parse_mail_server
from app.domain.notifications.system_events import check_kinds
from app.models import NotificationPreference
from app.models.common.base import db
from app.queries import notifications
from app.queries.accounts import users as account_queries
from app.runtime.context import runtime
from app.sending.email import MailRejected, SmtpClient
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.notifications import email_texts
from app.store.transaction import write_transaction


def choose(organization_id: str, user_id: str, kinds: Iterable[object], actor: Actor) -> list[str]:
    """Set the kinds that a member is emailed about. Returns them in the order of
    `domain.notifications.system_events.KINDS`. NotFound: not a member. Invalid."""
    chosen_kinds = check_kinds(kinds)
    with write_transaction() as session:
        recipient = notifications.recipient(organization_id, user_id)
        if recipient is None:
            raise NotFound
        key = (organization_id, user_id)
        row = session.get(NotificationPreference, key, with_for_update=True)
        if row is None:
            row = NotificationPreference(organization_id=organization_id, user_id=user_id)
            session.add(row)
        row.kinds, row.updated_at = chosen_kinds, now_ms()
        before, after = {"kinds": list(recipient.kinds)}, {"kinds": chosen_kinds}
        audit.record(
            session, organization_id, actor, "notifications.update", user_id, before, after
        )
    return chosen_kinds


def send_test(organization_id: str, user_id: str, actor: Actor) -> str:
    """Wait for the mail server. Returns the recipient's address. Conflict: there is no mail server,
    or it rejected the email, with its error. NotFound."""
    url = runtime().settings.smtp_url
    if url is None:
        raise Conflict("No mail server is configured: SMTP_URL is not set.")
    recipient = notifications.recipient(organization_id, user_id)
    if recipient is None:
        raise NotFound
    organization = account_queries.organization(organization_id)
    assert organization is not None
    email = email_texts.test_for(organization, recipient.user, new_id())
    # No transaction is open while a socket is.
    db.session.commit()
    problem = None
    try:
        with SmtpClient(parse_mail_server(url)) as client:
            client.send(email.message())
    except MailRejected as error:
        problem = str(error)
    with write_transaction() as session:
        after = {"to": email.to, "problem": problem}
        audit.record(session, organization_id, actor, "notifications.test", user_id, after=after)
    if problem is not None:
        raise Conflict(problem)
    return email.to
