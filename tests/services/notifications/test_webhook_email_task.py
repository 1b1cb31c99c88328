from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict
from app.domain.notifications.system_events import DISABLED, FAILED, FAILING, RECOVERED
from app.models import AuditEntry, QueuedEmail
from app.models.common.base import db
from app.runtime.context import runtime, runtime_of
from app.services.accounts import members
from app.services.accounts.actor import SYSTEM
from app.services.notifications import preferences as verbs
from app.services.notifications import webhook_email_task as mailing
from app.services.notifications.grouping import Item, add_to_emails
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.services.notifications.test_notices import mails
from tests.services.people import person
from tests.services.publishing import webhook
from tests.support.servers.mail import MailServer


@pytest.fixture
def server(app: Flask) -> Iterator[MailServer]:
    """A mail server that the installation hands its mail to."""
    running = MailServer()
    settings = runtime_of(app).settings
    url = f"smtp://127.0.0.1:{running.port}?from=callboard@example.com"
    runtime_of(app).settings = replace(settings, smtp_url=url)
    yield running
    running.close()


@pytest.fixture
def owner(app: Flask, organization: Any) -> Any:
    return person("owner@example.com", organization.id, "owner")


@pytest.fixture
def hook(app: Flask, organization: Any) -> str:
    return webhook(organization.id, name="Encoder", url="https://e.example.com/hook?key=hidden")


def put(organization: Any, hook: str, *kinds: str, **more: Any) -> None:
    detail = {"cause": "status", "status": 503, "since": 1_772_000_000_000} | more
    items = [
        Item(organization.id, hook, kind, 1_772_000_060_000, detail, None, None) for kind in kinds
    ]
    with write_transaction() as session:
        add_to_emails(session, items, now_ms())


def make_due() -> None:
    with write_transaction() as session:
        session.execute(
            update(QueuedEmail).where(QueuedEmail.next_at.is_not(None)).values(next_at=now_ms())
        )


def test_an_email_says_what_happened_and_links_to_it(
    organization: Any, server: MailServer, owner: Any, hook: str
) -> None:
    put(organization, hook, FAILING, DISABLED, reason="The receiver responded with 410 Gone.")
    make_due()
    assert mailing.send_due() == 1
    [email] = server.accepted
    assert email.to == ["owner@example.com"]
    assert email.message["Subject"] == "Encoder was disabled (Acme Video)"
    assert email.message["From"] == "Callboard <callboard@example.com>"
    assert email.message["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        text = email.part(kind)
        assert "The receiver responded with 410 Gone." in text
        assert "since 2026-02-25 06:13:20 UTC" in text
        assert f"http://127.0.0.1:8000/webhooks/{hook}" in text
        assert "hidden" not in text
    [mail] = mails()
    assert (mail.state, mail.next_at) == ("sent", None)
    assert mail.sent_at


def test_the_next_email_about_the_same_webhook_is_delayed(
    organization: Any, server: MailServer, owner: Any, hook: str
) -> None:
    put(organization, hook, FAILING)
    make_due()
    mailing.send_due()
    put(organization, hook, RECOVERED)
    assert mailing.send_due() == 0
    waiting = mails()[1]
    assert waiting.next_at is not None
    assert waiting.next_at - now_ms() > 14 * 60_000


def test_notices_during_sending_go_into_the_next_email(
    organization: Any, server: MailServer, owner: Any, hook: str
) -> None:
    put(organization, hook, FAILING)
    make_due()
    email = mailing.QUEUE._take(now_ms())
    put(organization, hook, RECOVERED)
    assert email is not None
    assert [(mail.state, list(mail.counts)) for mail in mails()] == [
        ("sending", [FAILING]),
        ("waiting", [RECOVERED]),
    ]


def test_an_email_without_a_recorded_result_is_sent_again(
    organization: Any, server: MailServer, owner: Any, hook: str
) -> None:
    put(organization, hook, FAILING)
    make_due()
    assert mailing.QUEUE._take(now_ms()) is not None
    assert mailing.send_due() == 0
    make_due()
    assert mailing.send_due() == 1
    assert mails()[0].state == "sent"


def test_an_email_is_retried_when_the_server_is_busy(
    organization: Any, server: MailServer, owner: Any, hook: str
) -> None:
    server.refuse[""] = "451 busy"
    put(organization, hook, FAILING)
    make_due()
    assert mailing.send_due() == 1
    [mail] = mails()
    assert (mail.state, mail.tries) == ("sending", 1)
    assert mail.problem is not None
    assert "451 busy" in mail.problem
    assert mail.next_at is not None
    assert mail.next_at > now_ms() + 50_000


@pytest.mark.parametrize("tries", [0, len(mailing.WAITS_MS)])
def test_an_email_fails_after_the_last_attempt(
    organization: Any, server: MailServer, owner: Any, hook: str, tries: int
) -> None:
    server.refuse[""] = "451 busy" if tries else "550 no such mailbox"
    put(organization, hook, FAILING)
    with write_transaction() as session:
        session.execute(update(QueuedEmail).values(tries=tries, next_at=now_ms()))
    mailing.send_due()
    [mail] = mails()
    assert (mail.state, mail.next_at) == ("failed", None)


def test_former_members_get_no_email(
    organization: Any, server: MailServer, owner: Any, hook: str
) -> None:
    person("second@example.com", organization.id, "owner")
    put(organization, hook, FAILING)
    members.remove(organization.id, owner.id, SYSTEM)
    make_due()
    mailing.send_due()
    assert [email.to for email in server.accepted] == [["second@example.com"]]
    assert [mail.state for mail in mails()] == ["dropped", "sent"]


def test_kinds_that_were_disabled_meanwhile_are_left_out(
    organization: Any, server: MailServer, owner: Any, hook: str
) -> None:
    put(organization, hook, FAILING)
    verbs.choose(organization.id, owner.id, [FAILED], SYSTEM)
    make_due()
    mailing.send_due()
    assert [mail.state for mail in mails()] == ["dropped"]


def test_an_email_about_a_deleted_webhook_is_dropped(
    organization: Any, server: MailServer, owner: Any, hook: str
) -> None:
    put(organization, hook, FAILING)
    webhooks.delete(organization.id, hook, SYSTEM)
    make_due()
    mailing.send_due()
    assert [mail.state for mail in mails()] == ["dropped"]


def test_a_line_break_in_a_name_adds_no_header(
    organization: Any, server: MailServer, owner: Any
) -> None:
    put(organization, webhook(organization.id, name="a\r\nBcc: b@example.com"), FAILING)
    make_due()
    mailing.send_due()
    [email] = server.accepted
    assert email.message["Bcc"] is None
    assert email.message["Subject"] == "a Bcc: b@example.com is failing (Acme Video)"


@pytest.mark.parametrize("address", ["jörg@example.com", "jo@bücher.example"])
def test_an_internationalized_address_is_reached(
    organization: Any, server: MailServer, hook: str, address: str
) -> None:
    person(address, organization.id, "owner")
    put(organization, hook, FAILING)
    make_due()
    mailing.send_due()
    expected = address.replace("bücher.example", "xn--bcher-kva.example")
    assert [email.to for email in server.accepted] == [[expected]]


def test_the_periodic_task_sends_in_a_background_thread(
    organization: Any, server: MailServer, owner: Any, hook: str
) -> None:
    put(organization, hook, FAILING)
    make_due()
    assert mailing.WEBHOOK_EMAIL_TASK.work(0.0) is False
    server.wait_for(1)
    runtime().background.wait(mailing.QUEUE.name)
    db.session.rollback()
    assert mails()[0].state == "sent"


def test_a_test_email_is_sent_immediately(
    organization: Any, server: MailServer, owner: Any
) -> None:
    assert verbs.send_test(organization.id, owner.id, SYSTEM) == "owner@example.com"
    [email] = server.accepted
    assert email.message["Subject"] == "Test email from Callboard (Acme Video)"
    server.refuse[""] = "550 not from here"
    with pytest.raises(Conflict, match="550 not from here"):
        verbs.send_test(organization.id, owner.id, SYSTEM)
    noted = db.session.query(AuditEntry).filter_by(action="notifications.test").count()
    assert noted == 2
