import json
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.domain.notifications.system_events import DISABLED, FAILED, FAILING, RECOVERED
from app.models import Delivery, Event, Notice, QueuedEmail
from app.models.common.base import db
from app.queries import notifications
from app.queries.events.unmatched import unmatched
from app.runtime.context import runtime_of
from app.services.accounts.actor import SYSTEM
from app.services.events.publishing import publish
from app.services.notifications import notices as noticing
from app.services.notifications import preferences as verbs
from app.store.transaction import write_transaction
from tests.services.people import person
from tests.services.publishing import delivery_rows, draft, due_rows, webhook


def notice(organization: Any, webhook_id: str, kind: str = FAILING, **more: Any) -> None:
    detail = {"cause": "refused", "status": None, "since": now_ms() - 60_000}
    columns = {"at": now_ms(), "detail": detail, "delivery_id": None} | more
    with write_transaction() as session:
        session.add(
            Notice(organization_id=organization.id, kind=kind, webhook_id=webhook_id, **columns)
        )


def failed_delivery(organization: Any, webhook_id: str, event_type: str) -> str:
    """A failed delivery of an event of this type."""
    now, event_id, id_ = now_ms(), new_id(), new_id()
    shared = {"organization_id": organization.id, "created_at": now}
    with write_transaction() as session:
        session.add(Event(id=event_id, type=event_type, occurred_at=now, payload=b"{}", **shared))
        session.flush()
        session.add(
            Delivery(
                id=id_,
                webhook_id=webhook_id,
                event_id=event_id,
                event_type=event_type,
                state="failed",
                attempts=4,
                updated_at=now,
                **shared,
            )
        )
    return id_


def tell() -> None:
    assert noticing.work(time.monotonic() + 5) is False
    assert db.session.scalar(select(Notice.id)) is None


def published() -> list[Event]:
    return list(db.session.scalars(select(Event).order_by(Event.id)))


def mails() -> list[QueuedEmail]:
    statement = (
        select(QueuedEmail).order_by(QueuedEmail.id).execution_options(populate_existing=True)
    )
    return list(db.session.scalars(statement))


@pytest.fixture
def with_mail(app: Flask) -> None:
    """As if SMTP_URL were set."""
    from dataclasses import replace

    settings = runtime_of(app).settings
    runtime_of(app).settings = replace(settings, smtp_url="smtp://localhost")


def test_a_notice_becomes_an_event_for_webhooks_that_name_its_type(
    app: Flask, organization: Any
) -> None:
    troubled, listener = webhook(organization.id), webhook(organization.id, event_types=[FAILING])
    notice(organization, troubled)
    tell()
    [event] = published()
    assert (event.type, event.source, event.producer_id) == (
        FAILING,
        troubled,
        "callboard.notice.1",
    )
    payload = json.loads(event.payload or b"")
    assert payload["webhook"]["id"] == troubled
    assert payload["cause"] == "refused"
    assert [row.webhook_id for row in due_rows()] == [listener]


def test_a_webhook_gets_no_events_about_itself(app: Flask, organization: Any) -> None:
    itself = webhook(organization.id, event_types=[FAILING, RECOVERED])
    notice(organization, itself)
    tell()
    assert due_rows() == []
    [(_, refusal)] = unmatched(organization.id, published()[0])
    assert refusal.reason == "itself"


@pytest.mark.parametrize(("event_type", "number"), [("encoding.finished", 2), (FAILED, 1)])
def test_a_failed_system_event_creates_no_further_event(
    app: Flask, organization: Any, event_type: str, number: int
) -> None:
    listener = webhook(organization.id, event_types=[FAILED])
    lost = failed_delivery(organization, listener, event_type)
    notice(organization, listener, FAILED, delivery_id=lost)
    tell()
    assert len(published()) == number


def test_notices_about_a_deleted_webhook_are_dropped(app: Flask, organization: Any) -> None:
    notice(organization, new_id())
    tell()
    assert published() == []


def test_a_notice_that_cannot_be_published_does_not_block_others(
    app: Flask, organization: Any
) -> None:
    publish(organization.id, draft(producer_id="callboard.notice.1"))
    notice(organization, webhook(organization.id))
    notice(organization, webhook(organization.id), RECOVERED)
    tell()
    assert [event.type for event in published()] == ["encoding.finished", RECOVERED]


def test_notices_beyond_the_deadline_wait_for_the_next_run(app: Flask, organization: Any) -> None:
    notice(organization, webhook(organization.id))
    assert noticing.work(time.monotonic() - 1) is True
    assert published() == []


def test_notices_about_one_webhook_share_an_email(
    app: Flask, organization: Any, with_mail: None
) -> None:
    owner = person("owner@example.com", organization.id, "owner")
    verbs.choose(organization.id, owner.id, [FAILED, FAILING], SYSTEM)
    person("viewer@example.com", organization.id, "viewer")
    hook = webhook(organization.id)
    lost = failed_delivery(organization, hook, "encoding.finished")
    for _ in range(130):
        notice(organization, hook, FAILED, delivery_id=lost)
    notice(organization, hook)
    notice(organization, hook, RECOVERED)
    tell()
    [mail] = mails()
    assert (mail.user_id, mail.counts) == (owner.id, {FAILED: 130, FAILING: 1})
    assert len(mail.news) == 21
    assert mail.next_at is not None
    assert 25_000 < mail.next_at - now_ms() <= 30_000


def test_each_webhook_has_its_own_email(app: Flask, organization: Any, with_mail: None) -> None:
    person("owner@example.com", organization.id, "owner")
    for kind in (FAILING, DISABLED):
        notice(organization, webhook(organization.id), kind)
    tell()
    assert [list(mail.counts) for mail in mails()] == [[FAILING], [DISABLED]]


def test_without_a_mail_server_no_email_is_queued(app: Flask, organization: Any) -> None:
    person("owner@example.com", organization.id, "owner")
    notice(organization, webhook(organization.id), DISABLED)
    tell()
    assert mails() == []


def test_preferences_survive_a_change_of_role(app: Flask, organization: Any) -> None:
    viewer = person("viewer@example.com", organization.id, "viewer")
    verbs.choose(organization.id, viewer.id, [DISABLED], SYSTEM)
    verbs.choose(organization.id, viewer.id, [DISABLED, FAILED], SYSTEM)
    recipient = notifications.recipient(organization.id, viewer.id)
    assert recipient is not None
    assert (recipient.kinds, recipient.has_chosen) == ((DISABLED, FAILED), True)


def test_nothing_is_lost_when_publishing_fails(
    app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice(organization, webhook(organization.id))

    def broken(*_: Any) -> Any:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(noticing, "add_to_emails", broken)
        patched.setattr(noticing, "accept", broken)
        with pytest.raises(RuntimeError):
            noticing.work(time.monotonic() + 5)
    tell()
    assert len(published()) == 1
    assert delivery_rows() == []
