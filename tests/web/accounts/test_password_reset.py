"""A forgotten password, from the link on the sign-in page to the new password."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.models import User
from app.services.notifications import account_email_task as mailing
from app.services.sign_in import link_tokens, password_resets
from tests.services.notifications.account_mail import send_by, states, token_of
from tests.services.people import PASSWORD, person
from tests.support.servers.mail import MailServer
from tests.web.visitor import Visitor

PAGE, ADA = "/password-reset", "ada@example.com"
NEW_PASSWORD = "seven wild geese fly"


@pytest.fixture
def mail(sqlite_app: Flask) -> Iterator[MailServer]:
    server = MailServer()
    send_by(sqlite_app, server)
    yield server
    server.close()


@pytest.fixture
def ada(sqlite_app: Flask, organization: Any) -> User:
    return person(ADA, organization.id, "owner", PASSWORD)


@pytest.fixture
def visitor(sqlite_app: Flask) -> Visitor:
    return Visitor(sqlite_app)


def test_a_new_password_is_chosen_with_the_link(
    visitor: Visitor, sqlite_app: Flask, ada: User, mail: MailServer
) -> None:
    other = Visitor(sqlite_app)
    other.sign_in(ADA, PASSWORD)
    assert f'href="{PAGE}"' in visitor.get("/sign-in").text
    assert visitor.post(PAGE, email=ADA).location == f"{PAGE}/sent"
    mailing.send_due()
    link = f"{PAGE}/{token_of(mail.wait_for(2)[1].part('plain'), 'password-reset')}"
    page = visitor.get(link)
    assert ADA in page.text
    assert 'autocomplete="new-password"' in page.text
    weak = visitor.post(link, password="password123")
    assert weak.status_code == 422
    assert 'id="password-error"' in weak.text
    assert visitor.post(link, password=NEW_PASSWORD).location == "/sign-in"
    assert other.get("/settings").status_code == 303
    visitor.sign_in(ADA, NEW_PASSWORD)
    assert visitor.get(link).location == PAGE


def test_known_and_unknown_addresses_get_the_same_response(
    visitor: Visitor, ada: User, mail: MailServer
) -> None:
    known, unknown = (visitor.post(PAGE, email=email) for email in (ADA, "no@example.com"))
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert visitor.get(known.location).status_code == 200
    assert states() == ["waiting", "waiting"]


def test_no_address_is_an_error_at_the_field(visitor: Visitor, mail: MailServer) -> None:
    for email in ("", "ada"):
        response = visitor.post(PAGE, email=email)
        assert response.status_code == 422
        assert 'id="email-error"' in response.text


def test_too_many_requests_are_told_when_to_come_back(visitor: Visitor, mail: MailServer) -> None:
    for _ in range(password_resets.PER_USER.attempts):
        visitor.post(PAGE, email="no@example.com")
    response = visitor.post(PAGE, email="no@example.com")
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0


def test_without_a_mail_server_the_page_says_what_to_do(visitor: Visitor, ada: User) -> None:
    page = visitor.get(PAGE).text
    assert "-m app.cli password-reset-link" in page
    assert 'name="email"' not in page


@pytest.mark.parametrize("token", ["x", "a.b.c"])
def test_an_invalid_link_leads_to_a_new_one(visitor: Visitor, token: str) -> None:
    response = visitor.get(f"{PAGE}/{token}")
    assert response.location == PAGE
    assert "Request a new one" in visitor.get(PAGE).text


def test_looking_at_a_link_does_not_use_it_up(visitor: Visitor, ada: User) -> None:
    link = f"{PAGE}/{link_tokens.password_reset(ada)}"
    visitor.client.head(link)
    visitor.get(link)
    assert visitor.post(link, password=NEW_PASSWORD).location == "/sign-in"


def test_an_invitation_is_sent_again_from_the_page(
    visitor: Visitor, ada: User, mail: MailServer
) -> None:
    visitor.sign_in(ADA, PASSWORD)
    members = "/settings/members"
    page = visitor.post(members, f"{members}/invitations", email="bob@example.com", role="viewer")
    assert "on its way by email" in page.text
    matches = re.search(rf"{members}/invitations/([0-9a-f-]+)/resend", page.text)
    assert matches
    assert "email queued" in page.text
    mailing.send_due()
    assert "emailed" in visitor.get(members).text
    again = visitor.post(members, matches[0])
    assert again.status_code == 200
    assert "invitation-link" in again.text
    mailing.send_due()
    assert [email.to for email in mail.accepted][-2:] == [["bob@example.com"]] * 2


def test_a_sign_in_from_a_new_browser_is_announced(
    visitor: Visitor, ada: User, mail: MailServer
) -> None:
    visitor.sign_in(ADA, PASSWORD)
    visitor.post("/settings", "/sign-out")
    visitor.sign_in(ADA, PASSWORD)
    mailing.send_due()
    [email] = mail.accepted
    assert email.message["Subject"] == "New sign-in to Callboard"
