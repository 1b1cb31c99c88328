"""Catchers, and what they make of requests."""

import base64
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, Invalid, NotFound
from app.domain.common.ids import new_id
from app.domain.deliveries.composing import Composer
from app.domain.events.event import EventFacts
from app.domain.test_inbox.responses import Reply
from app.domain.webhooks.rows import facts_from_row
from app.models import AuditEntry, TestInboxRequest
from app.models.common.base import db
from app.queries import test_inbox as queries
from app.runtime.context import runtime, runtime_of
from app.services.accounts.actor import SYSTEM
from app.services.deliveries.sent_requests import OPENED
from app.services.test_inbox import inboxes
from app.services.test_inbox import receiving as catching
from app.services.test_inbox.receiving import Arrived
from app.services.webhooks import rotation
from app.services.webhooks import service as webhooks

OK = Reply(200, "status")


def arrived(headers: tuple[tuple[str, str], ...] = (), **more: Any) -> Arrived:
    fields: dict[str, Any] = {
        "method": "POST",
        "target": "/catch/x",
        "protocol": "HTTP/1.1",
        "headers": headers,
        "body": b"hello",
        "size": 5,
        "whole": True,
        "address": "127.0.0.1",
    }
    return Arrived(**(fields | more))


def sent_by(organization_id: str, **settings: Any) -> Arrived:
    """What a webhook's request looks like at its receiver."""
    row = webhooks.create(organization_id, {"url": "https://example.com/"} | settings, SYSTEM)
    now = now_ms()
    event = EventFacts(new_id(), "encoding.finished", None, now, b'{"id":1.10}')
    composed = Composer(facts_from_row(row.columns(), runtime().vault, now)).compose(
        event, new_id(), 1, now
    )
    target = "/" + composed.url.partition("example.com/")[2]
    content = bytes(composed.body)
    headers = tuple(composed.headers)
    return arrived(headers, method=composed.method, target=target, body=content, size=len(content))


@pytest.fixture
def inbox(organization: Any) -> Any:
    return inboxes.create(organization.id, {}, SYSTEM)


def stored(inbox: Any, what: Arrived, reply: Reply = OK) -> TestInboxRequest:
    id_ = catching.keep(inbox, what, reply)
    row = queries.request(inbox.organization_id, inbox.id, id_)
    assert row is not None
    return row


def test_a_request_is_stored_as_received(app: Flask, inbox: Any) -> None:
    headers = (("Content-Type", "text/plain"), ("X-Callboard-Event-Type", "a.b"))
    row = stored(inbox, arrived(headers, target="/catch/x?a=1", body=b"\0\xff", size=2))
    assert (row.method, row.target, row.event_type) == ("POST", "/catch/x?a=1", "a.b")
    assert bytes(row.head).startswith(b"POST /catch/x?a=1 HTTP/1.1\r\nContent-Type: text/plain\r\n")
    assert (bytes(row.body), row.bytes, row.signature) == (b"\0\xff", 2, "none")
    again = queries.get(inbox.organization_id, inbox.id)
    assert again is not None
    assert (again.received, again.last_received_at) == (1, row.received_at)


def test_only_the_newest_requests_are_kept_and_all_are_counted(
    app: Flask, inbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching, "MAX_KEPT", 3)
    ids = [catching.keep(inbox, arrived(), OK) for _ in range(5)]
    page = queries.caught(inbox.organization_id, inbox.id, 2)
    assert [row.id for row in page.rows] == [ids[4], ids[3]]
    page = queries.caught(inbox.organization_id, inbox.id, 2, page.next_cursor)
    assert ([row.id for row in page.rows], page.next_cursor) == ([ids[2]], None)
    again = queries.get(inbox.organization_id, inbox.id)
    assert again is not None
    assert again.received == 5


def test_long_bodies_and_headers_are_truncated(sqlite_app: Flask, inbox: Any) -> None:
    headers = tuple((f"X-{n}", "v" * 1000) for n in range(40))
    row = stored(inbox, arrived(headers, body=b"x" * 100_000, size=900_000))
    assert (len(row.body), row.bytes) == (64 * 1024, 900_000)
    assert len(row.head) <= catching.KEPT_HEAD + 4
    assert bytes(row.head).endswith(b"v\r\n\r\n")


@pytest.mark.parametrize(
    "settings",
    [{}, {"signing": "v1a"}, {"method": "GET"}, {"preset": "encoding"}],
    ids=["v1", "v1a", "query", "encoding"],
)
def test_a_webhooks_own_signature_is_valid(
    sqlite_app: Flask, inbox: Any, settings: dict[str, Any]
) -> None:
    row = stored(inbox, sent_by(inbox.organization_id, **settings))
    assert row.signature == "valid"
    assert row.webhook_id is not None
    assert row.delivery_id is not None


def test_a_rotated_secret_is_valid_as_long_as_it_overlaps(sqlite_app: Flask, inbox: Any) -> None:
    organization_id = inbox.organization_id
    old = sent_by(organization_id)
    webhook_id = dict(old.headers)["X-Callboard-Webhook-Id"]
    rotation.rotate_secret(organization_id, webhook_id, SYSTEM, 3600)
    assert stored(inbox, old).signature == "valid"
    rotation.rotate_secret(organization_id, webhook_id, SYSTEM, 0)
    assert stored(inbox, old).signature == "wrong"


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"body": b"other", "size": 5}, "wrong"),
        ({"whole": False}, "unchecked"),
        ({"drop": "webhook-signature"}, "none"),
        ({"drop": "X-Callboard-Webhook-Id"}, "unknown"),
        ({"drop": "webhook-timestamp"}, "wrong"),
    ],
)
def test_a_tampered_request_has_a_wrong_signature(
    sqlite_app: Flask, inbox: Any, change: dict[str, Any], verdict: str
) -> None:
    from dataclasses import replace

    sent, dropped = sent_by(inbox.organization_id), change.pop("drop", None)
    headers = tuple(pair for pair in sent.headers if pair[0] != dropped)
    assert stored(inbox, replace(sent, headers=headers, **change)).signature == verdict


def test_another_organizations_webhook_is_unknown(sqlite_app: Flask, inbox: Any) -> None:
    from app.services.accounts import organizations

    other = organizations.create("Other")
    row = stored(inbox, sent_by(other.id))
    assert (row.signature, row.webhook_id, row.delivery_id) == ("unknown", None, None)


ID = "018f0000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("name", "value", "is_hidden"),
    [
        ("Cookie", "callboard=session", True),
        ("Authorization", f"Bearer cb_{'0' * 32}_secret", True),
        ("X-Anything", f"token cb_{'a' * 32}_secret", True),
        ("Authorization", "Basic " + base64.b64encode(f"{ID}:secret".encode()).decode(), True),
        ("Authorization", "Basic " + base64.b64encode(b"ada:secret").decode(), False),
        ("Authorization", "Basic ====", False),
        ("Authorization", "Bearer secret", False),
    ],
)
def test_credentials_of_callboard_itself_are_hidden(
    sqlite_app: Flask, inbox: Any, name: str, value: str, *, is_hidden: bool
) -> None:
    row = stored(inbox, arrived(((name, value),)))
    head = OPENED.head(bytes(row.head))
    assert (value.encode() not in head) is is_hidden
    assert (b"hidden by Callboard" in head) is is_hidden


def test_authorization_is_encrypted_where_it_arrived(sqlite_app: Flask, inbox: Any) -> None:
    head = bytes(stored(inbox, arrived((("Authorization", "Bearer s3cret"),))).head)
    assert b"s3cret" not in head
    assert b"\r\nAuthorization: Bearer s3cret\r\n" in OPENED.head(head)


def test_a_test_inbox_is_changed_cleared_and_deleted(app: Flask, inbox: Any) -> None:
    organization_id = inbox.organization_id
    changed = inboxes.update(organization_id, inbox.id, {"status": 500, "name": "b"}, SYSTEM)
    assert (changed.status, changed.name, changed.delay_ms) == (500, "b", 0)
    catching.keep(inbox, arrived(), OK)
    inboxes.clear(organization_id, inbox.id, SYSTEM)
    assert queries.caught(organization_id, inbox.id, 5).rows == []
    catching.keep(inbox, arrived(), OK)
    inboxes.delete(organization_id, inbox.id, SYSTEM)
    assert db.session.scalar(select(func.count()).select_from(TestInboxRequest)) == 0
    with pytest.raises(NotFound):
        catching.keep(inbox, arrived(), OK)
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [action for action in actions if action.startswith("catcher.")] == [
        "catcher.create",
        "catcher.update",
        "catcher.clear",
        "catcher.delete",
    ]


def test_another_organizations_test_inbox_is_not_found(sqlite_app: Flask, inbox: Any) -> None:
    for verb in (inboxes.clear, inboxes.delete):
        with pytest.raises(NotFound):
            verb(new_id(), inbox.id, SYSTEM)
    assert queries.get(new_id(), inbox.id) is None


def test_the_number_of_test_inboxes_is_limited(
    sqlite_app: Flask, inbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inboxes, "MAX_INBOXES", 1)
    with pytest.raises(Conflict):
        inboxes.create(inbox.organization_id, {}, SYSTEM)
    with pytest.raises(Invalid):
        inboxes.create(inbox.organization_id, {"status": 7}, SYSTEM)
    with pytest.raises(NotFound):
        inboxes.create(new_id(), {}, SYSTEM)


def test_the_guard_allows_only_test_inbox_urls(sqlite_app: Flask, inbox: Any) -> None:
    base = runtime_of(sqlite_app).settings.public_url
    private = "10.0.0.1"
    assert runtime().guard.allowed(private, f"{base}/catch/{inbox.token}")
    assert not runtime().guard.allowed(private, f"{base}/api/v1/events")
    assert not runtime().guard.allowed(private, f"{base}/catch/{inbox.token}/../../api/v1/events")
