"""Invitations by email, received by a real SMTP server."""

from typing import Any

import pytest
from sqlalchemy import update

from app.domain.common.clock import now_ms
from app.domain.common.errors import NotFound, RateLimited
from app.models import AccountEmail, User
from app.models.common.base import db
from app.queries.accounts import emails as account_emails
from app.services.accounts import invitations, organizations
from app.services.accounts.actor import SYSTEM
from app.services.notifications import account_email_task as mailing
from app.store.transaction import write_transaction
from tests.services.notifications.account_mail import HOME, actor, states, token_of
from tests.services.people import PASSWORD
from tests.support.servers.mail import MailServer


def test_an_invitation_is_emailed_and_accepted_by_its_link(
    ada: User, organization: Any, mail: MailServer
) -> None:
    invitations.create(organization.id, "bob@example.com", "viewer", actor(ada))
    mailing.send_due()
    [email] = mail.wait_for(1)
    assert email.to == ["bob@example.com"]
    assert email.message["Subject"] == "Invitation to Acme Video on Callboard"
    assert "ada@example.com invited you to join Acme Video as viewer." in email.part("plain")
    bob = invitations.accept(token_of(email.part("plain"), "invitations"), "Bob", PASSWORD, HOME)
    assert bob.email == "bob@example.com"


def test_a_revoked_invitation_is_not_emailed(
    ada: User, organization: Any, mail: MailServer
) -> None:
    row, _ = invitations.create(organization.id, "bob@example.com", "viewer", actor(ada))
    invitations.revoke(organization.id, row.id, actor(ada))
    mailing.send_due()
    assert mail.accepted == []
    assert states() == ["dropped"]


def test_an_invitation_is_sent_again_for_another_week(
    ada: User, organization: Any, mail: MailServer
) -> None:
    row, _ = invitations.create(organization.id, "bob@example.com", "viewer", actor(ada))
    with write_transaction() as session:
        stored = session.get(type(row), row.id)
        assert stored
        stored.expires_at = now_ms() + 1_000
    resent, token = invitations.resend(organization.id, row.id, actor(ada))
    assert (resent.id, resent.expires_at > now_ms() + 6 * 86_400_000) == (row.id, True)
    mailing.send_due()
    assert [email.to for email in mail.wait_for(2)] == [["bob@example.com"]] * 2
    invitations.accept(token, "Bob", PASSWORD, HOME)
    with pytest.raises(NotFound):
        invitations.resend(organization.id, row.id, actor(ada))


def test_another_organizations_invitation_cannot_be_sent_again(
    ada: User, organization: Any
) -> None:
    row, _ = invitations.create(organization.id, "bob@example.com", "viewer", actor(ada))
    with pytest.raises(NotFound):
        invitations.resend(organizations.create("Other").id, row.id, SYSTEM)


def test_one_address_is_not_flooded_with_invitations(ada: User, organization: Any) -> None:
    row, _ = invitations.create(organization.id, "bob@example.com", "viewer", actor(ada))
    for _ in range(invitations.MAILS_TO_ADDRESS.attempts - 1):
        invitations.resend(organization.id, row.id, actor(ada))
    with pytest.raises(RateLimited):
        invitations.resend(organization.id, row.id, actor(ada))


def test_an_organizations_name_cannot_advertise_a_link(
    ada: User, organization: Any, mail: MailServer
) -> None:
    organizations.rename(organization.id, "Win at https://evil.example " + "x" * 150, SYSTEM)
    invitations.create(organization.id, "bob@example.com", "viewer", actor(ada))
    mailing.send_due()
    assert "https://evil" not in mail.wait_for(1)[0].part("plain")


def test_a_rejected_email_is_retried_and_then_shown_as_failed(
    ada: User, organization: Any, mail: MailServer
) -> None:
    mail.refuse[""] = "450 busy"
    row, _ = invitations.create(organization.id, "bob@example.com", "viewer", actor(ada))
    for _ in range(len(mailing.WAITS_MS) + 1):
        assert mailing.send_due() == 1
        with write_transaction() as session:
            is_waiting = AccountEmail.next_at.is_not(None)
            session.execute(update(AccountEmail).where(is_waiting).values(next_at=now_ms()))
    assert mailing.send_due() == 0
    db.session.rollback()
    email = account_emails.latest_about([row.id])[row.id]
    assert (email.state, "450 busy" in (email.problem or "")) == ("failed", True)
