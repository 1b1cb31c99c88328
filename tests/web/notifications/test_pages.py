import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.domain.notifications.system_events import DIGEST, DISABLED, FAILED, FAILING
from app.queries import notifications
from app.runtime.context import runtime_of
from tests.services.people import person
from tests.services.publishing import webhook
from tests.support.servers.mail import MailServer
from tests.web.visitor import Visitor

PAGE = "/settings/notifications"


@pytest.fixture
def server(sqlite_app: Flask) -> Iterator[MailServer]:
    running = MailServer()
    settings = runtime_of(sqlite_app).settings
    url = f"smtp://127.0.0.1:{running.port}"
    runtime_of(sqlite_app).settings = replace(settings, smtp_url=url)
    yield running
    running.close()


def kinds(organization: Any, email: str) -> tuple[str, ...]:
    recipients = notifications.recipients(organization.id)
    return next(recipient.kinds for recipient in recipients if recipient.user.email == email)


def test_a_user_chooses_their_email_notifications(owner: Visitor, organization: Any) -> None:
    response = owner.post(PAGE, kinds=[DISABLED, FAILED])
    assert response.status_code == 303
    assert kinds(organization, "owner@example.com") == (DISABLED, FAILED)
    owner.post(PAGE)
    assert kinds(organization, "owner@example.com") == ()


def test_a_viewer_chooses_only_for_themselves(viewer: Visitor, organization: Any) -> None:
    other = person("other@example.com", organization.id)
    viewer.post(PAGE, kinds=[FAILING])
    assert kinds(organization, "viewer@example.com") == (FAILING,)
    assert viewer.get(f"{PAGE}/members/{other.id}").status_code == 403
    assert viewer.post(PAGE, f"{PAGE}/members/{other.id}", kinds=[FAILING]).status_code == 403


def test_an_owner_chooses_for_other_members(owner: Visitor, organization: Any) -> None:
    other = person("other@example.com", organization.id)
    page = f"{PAGE}/members/{other.id}"
    assert "Email notifications for Other" in owner.get(page).text
    owner.post(page, kinds=[FAILING])
    assert kinds(organization, "other@example.com") == (FAILING,)


def test_an_unknown_kind_is_an_error_at_its_field(owner: Visitor) -> None:
    response = owner.post(PAGE, kinds=["webhook.exploded"])
    assert response.status_code == 422
    assert "form-summary" in response.text


def test_without_a_mail_server_the_page_says_so(owner: Visitor) -> None:
    page = owner.get(PAGE).text
    assert "SMTP_URL" in page
    assert "Send test email" not in page
    assert "SMTP_URL is not set" in owner.get(owner.post(PAGE, f"{PAGE}/test").location).text


def test_a_test_email_goes_to_the_user_who_asks(owner: Visitor, server: MailServer) -> None:
    response = owner.post(PAGE, f"{PAGE}/test")
    assert [email.to for email in server.accepted] == [["owner@example.com"]]
    assert "accepted a test email to owner@example.com" in owner.get(response.location).text


def test_the_error_of_the_mail_server_is_shown(owner: Visitor, server: MailServer) -> None:
    server.refuse[""] = "550 not from here"
    response = owner.post(PAGE, f"{PAGE}/test")
    assert "550 not from here" in owner.get(response.location).text


def test_webhooks_for_system_events_are_listed(owner: Visitor, organization: Any) -> None:
    webhook(organization.id, name="Pager", event_types=[DISABLED, "encoding.finished"])
    webhook(organization.id, name="Archive")
    page = owner.get(PAGE).text
    assert "Pager" in page
    assert "Archive" not in page


def test_a_chat_is_a_webhook_with_a_preset_that_selects_digests(
    owner: Visitor, organization: Any
) -> None:
    assert 'href="/webhooks/new?preset=slack"' in owner.get(PAGE).text
    form = owner.get("/webhooks/new?preset=slack").text
    assert re.search(r'<input checked [^>]*value="webhook\.digest"', form)
    assert not re.search(r'<input checked [^>]*value="webhook\.failing"', form)
    webhook(organization.id, name="Channel", event_types=[DIGEST])
    listed = " ".join(owner.get(PAGE).text.partition("events-title")[2].split())
    assert re.search(r"Channel</a> <span class=\"faint small\">webhook\.digest<", listed)
