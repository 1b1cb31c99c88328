"""Emails about accounts, received by a real SMTP server."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, Invalid, RateLimited, Unauthorized
from app.models import AccountEmail, AuditEntry, User
from app.models.common.base import db
from app.queries.accounts import users as accounts
from app.services.accounts import invitations
from app.services.notifications import account_email_task as mailing
from app.services.sign_in import first_factor, password_resets, sessions, two_factor
from app.store.transaction import write_transaction
from tests.services.notifications.account_mail import HOME, actor, send_by, states, token_of
from tests.services.people import PASSWORD, person, with_app
from tests.support.servers.mail import MailServer

FIREFOX = "Mozilla/5.0 Firefox/140.0"
NEW_PASSWORD = "seven wild geese fly"


def test_a_password_is_reset_with_the_emailed_link_on_both_databases(
    app: Flask, organization: Any, mail: MailServer
) -> None:
    send_by(app, mail)
    ada = person("ada@example.com", organization.id, password=PASSWORD)
    session_id = sessions.begin(ada.id, HOME, FIREFOX, remembered=False)
    password_resets.request(" ADA@example.com", HOME)
    assert mailing.send_due() == 1
    [email] = mail.wait_for(1)
    assert (email.to, email.message["Subject"]) == (
        ["ada@example.com"],
        "Reset your Callboard password",
    )
    assert HOME in email.part("plain")
    token = token_of(email.part("plain"), "password-reset")
    assert token in email.part("html")
    password_resets.reset(token, NEW_PASSWORD, HOME)
    assert first_factor.with_password(ada.email, NEW_PASSWORD, HOME)
    assert accounts.user_session(ada.id, session_id) is None
    with pytest.raises(Unauthorized):
        password_resets.reset(token, PASSWORD, HOME)


def test_an_unknown_address_gets_no_email_and_the_same_response(
    ada: User, mail: MailServer
) -> None:
    password_resets.request("nobody@example.com", HOME)
    password_resets.request(ada.email, HOME)
    rows = db.session.scalars(select(AccountEmail).order_by(AccountEmail.id)).all()
    unknown, known = ({**row.__dict__, "id": 0, "created_at": 0, "next_at": 0} for row in rows)
    same = ("kind", "state", "detail", "subject_id", "tries", "problem")
    assert {name: unknown[name] for name in same} == {name: known[name] for name in same}
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "user.request_password_reset")
    ).all()
    assert {(entry.organization_id, entry.actor_id) for entry in entries} == {(None, None)}
    mailing.send_due()
    assert [email.to for email in mail.accepted] == [["ada@example.com"]]
    assert states() == ["dropped", "sent"]


def test_no_token_is_stored(ada: User, organization: Any, mail: MailServer) -> None:
    password_resets.request(ada.email, HOME)
    _, token = invitations.create(organization.id, "bob@example.com", "member", actor(ada))
    stored = str([row.__dict__ for row in db.session.scalars(select(AccountEmail))])
    assert token.partition(".")[0] not in stored
    mailing.send_due()
    reset = token_of(mail.wait_for(2)[0].part("plain"), "password-reset")
    db.session.rollback()
    assert reset not in str([row.__dict__ for row in db.session.scalars(select(AccountEmail))])


def test_a_reset_leaves_two_factor_authentication_on(ada: User, mail: MailServer) -> None:
    with_app(ada)
    password_resets.request(ada.email, HOME)
    mailing.send_due()
    token = token_of(mail.wait_for(1)[0].part("plain"), "password-reset")
    assert password_resets.reset(token, NEW_PASSWORD, HOME).has_two_factor


def test_the_person_is_told_of_a_new_password_and_of_a_missing_factor(
    ada: User, mail: MailServer
) -> None:
    with_app(ada)
    two_factor.disable(ada.id, PASSWORD, actor(ada))
    password_resets.request(ada.email, HOME)
    mailing.send_due()
    token = token_of(mail.wait_for(2)[1].part("plain"), "password-reset")
    password_resets.reset(token, NEW_PASSWORD, HOME)
    mailing.send_due()
    subjects = [email.message["Subject"] for email in mail.wait_for(3)]
    assert subjects[::2] == [
        "Two-factor authentication was turned off",
        "Your Callboard password was changed",
    ]


@pytest.mark.parametrize("password", ["short", "password123", None])
def test_a_weak_password_is_refused_and_the_link_still_works(
    ada: User, mail: MailServer, password: object
) -> None:
    password_resets.request(ada.email, HOME)
    mailing.send_due()
    token = token_of(mail.wait_for(1)[0].part("plain"), "password-reset")
    with pytest.raises(Invalid):
        password_resets.reset(token, password, HOME)
    password_resets.reset(token, NEW_PASSWORD, HOME)


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
def test_resets_of_one_address_are_limited_whether_or_not_it_has_an_account(
    ada: User, email: str
) -> None:
    for _ in range(password_resets.PER_USER.attempts):
        password_resets.request(email, HOME)
    with pytest.raises(RateLimited):
        password_resets.request(email, "198.51.100.9")


def test_without_a_mail_server_nothing_is_promised(sqlite_app: Flask) -> None:
    with pytest.raises(Conflict):
        password_resets.request("ada@example.com", HOME)
    assert states() == []


def test_a_sign_in_from_a_new_browser_is_announced_once(ada: User, mail: MailServer) -> None:
    for address in (HOME, "192.0.2.99", "198.51.100.7"):
        sessions.begin(ada.id, address, FIREFOX, remembered=False, is_sign_in=True)
    mailing.send_due()
    first, second = mail.wait_for(2)
    assert first.message["Subject"] == "New sign-in to Callboard"
    assert HOME in first.part("plain")
    assert FIREFOX in first.part("plain")
    assert "198.51.100.7" in second.part("plain")
    assert "https://hooks.example.com/settings/account#sessions-title" in first.part("plain")


def test_a_browser_that_created_the_account_is_known(ada: User, mail: MailServer) -> None:
    sessions.begin(ada.id, HOME, FIREFOX, remembered=False)
    sessions.begin(ada.id, HOME, FIREFOX, remembered=False, is_sign_in=True)
    assert states() == []


def test_an_agent_cannot_write_markup_into_the_email(ada: User, mail: MailServer) -> None:
    sessions.begin(ada.id, HOME, "<img src=x>", remembered=False, is_sign_in=True)
    mailing.send_due()
    assert "<img" not in mail.wait_for(1)[0].part("html")


def test_an_email_planned_by_a_clock_that_was_ahead_is_sent_now(
    ada: User, mail: MailServer
) -> None:
    password_resets.request(ada.email, HOME)
    with write_transaction() as session:
        session.execute(update(AccountEmail).values(next_at=now_ms() + 86_400_000))
    assert db.session.scalar(mailing.QUEUE.rows_to_do(now_ms())) is not None
    assert mailing.send_due() == 1
