import sqlite3
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from app.domain.common import ids
from app.domain.common.clock import now_ms
from app.domain.maintenance.retention import DAY_MS
from app.models import (
    Attempt,
    AuditEntry,
    Delivery,
    Due,
    Event,
    QueuedEmail,
    RetainedPayload,
    Webhook,
)
from app.models.common.base import db
from app.services.accounts.actor import SYSTEM
from app.services.maintenance import retention
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.services.old_events import ALL, HEAD, clean, keep, number, old, old_id
from tests.services.publishing import webhook


@pytest.fixture
def hook(app: Flask, organization: Any) -> str:
    return webhook(organization.id)


def test_payloads_expire_before_their_records(organization: Any, hook: str) -> None:
    keep(organization, 30, 3)
    old(organization, hook, 5)
    young = old(organization, hook, 2)
    clean()
    db.session.rollback()
    with_payload = select(Event.id).where(Event.payload.is_not(None))
    assert set(db.session.scalars(with_payload)) == {young}
    assert [number(model) for model in ALL] == [2, 2, 4, 1, 2]
    responses = select(func.count()).where(Attempt.response_body.is_not(None))
    assert db.session.scalar(responses) == 2


def test_the_payload_of_an_open_delivery_is_kept_until_it_ends(
    organization: Any, hook: str
) -> None:
    keep(organization, 30, 3)
    event_id = old(organization, hook, 5, ("retrying",))
    clean()
    assert db.session.get_one(Event, event_id).payload is not None
    assert number(RetainedPayload) == 1
    with write_transaction() as session:
        session.query(Due).delete()
        session.query(Delivery).update({"state": "succeeded", "updated_at": now_ms()})
    clean(now_ms() + retention.ROUND_MS)
    db.session.rollback()
    assert db.session.get_one(Event, event_id, populate_existing=True).payload is None
    assert number(RetainedPayload) == 0


@pytest.mark.parametrize("version", [b"HTTP/1.1\r\nHost: ", b"\x01"], ids=["whole", "shortened"])
def test_a_payload_in_a_url_expires_too(organization: Any, hook: str, version: bytes) -> None:
    keep(organization, 30, 3)
    head = b"GET /hook?title=secret&a=1 %bexample.com\r\n\r\n" % version
    old(organization, hook, 5, head=head, url="https://example.com/hook?title=secret&a=1")
    old(organization, hook, 5, head=HEAD, url="https://example.com/hook?fixed=1")
    clean()
    db.session.rollback()
    stored = {(row.url, bytes(row.request_head)) for row in db.session.scalars(select(Attempt))}
    assert stored == {
        ("https://example.com/hook", b"GET /hook HTTP/1.1\r\nHost: example.com\r\n\r\n"),
        ("https://example.com/hook?fixed=1", HEAD),
    }


def test_deleted_webhooks_expire_with_their_last_delivery(organization: Any, hook: str) -> None:
    told_of, forgotten, fresh = hook, webhook(organization.id), webhook(organization.id)
    for webhook_id in (told_of, forgotten, fresh):
        webhooks.delete(organization.id, webhook_id, SYSTEM)
    with write_transaction() as session:
        for webhook_id in (told_of, forgotten):
            session.get_one(Webhook, webhook_id).deleted_at = now_ms() - 31 * DAY_MS
    old(organization, told_of, 2)
    clean()
    db.session.rollback()
    assert set(db.session.scalars(select(Webhook.id))) == {told_of, fresh}


def test_used_one_time_webhooks_expire_with_their_last_delivery(
    organization: Any, hook: str
) -> None:
    long_ago = {"once": True, "updated_at": now_ms() - 31 * DAY_MS}
    had = {name: webhook(organization.id, once_event_id=old_id(31), **long_ago) for name in "ab"}
    waiting = webhook(organization.id, **long_ago)
    fresh = webhook(organization.id, once=True, once_event_id=old_id(1))
    old(organization, had["b"], 2)
    clean()
    db.session.rollback()
    assert set(db.session.scalars(select(Webhook.id))) == {hook, had["b"], waiting, fresh}


def test_a_one_time_webhook_whose_event_never_came_expires_and_is_audited(
    organization: Any, hook: str
) -> None:
    kept = webhook(organization.id, id=old_id(1), once=True)
    expired = [
        webhook(organization.id, id=old_id(31), once=True, once_source=source, name="Render 7")
        for source in (None, "render-7")
    ]
    clean()
    db.session.rollback()
    waiting = select(Webhook.id).where(Webhook.deleted_at.is_(None))
    assert set(db.session.scalars(waiting)) == {hook, kept}
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "webhook.expire"))
    audited = {(e.subject_id, e.subject_name, e.actor_kind) for e in entries}
    assert audited == {(id_, "Render 7", "system") for id_ in expired}


def test_emails_and_audit_entries_have_their_own_retention(app: Flask, organization: Any) -> None:
    hook = webhook(organization.id)
    with write_transaction() as session:
        for days, state in ((31, "sent"), (31, "waiting"), (3, "sent")):
            session.add(
                QueuedEmail(
                    organization_id=organization.id,
                    user_id=ids.new_id(),
                    webhook_id=hook,
                    state=state,
                    counts={},
                    news=[],
                    created_at=now_ms() - days * DAY_MS,
                )
            )
        for days in (401, 399):
            session.add(
                AuditEntry(
                    id=old_id(days),
                    organization_id=organization.id,
                    created_at=now_ms(),
                    actor_kind="system",
                    action="test",
                )
            )
    before = number(AuditEntry)
    clean()
    assert (number(QueuedEmail), number(AuditEntry)) == (2, before - 1)


def test_cleanup_reads_only_indexes(sqlite_app: Flask, organization: Any) -> None:
    hook = webhook(organization.id)
    keep(organization, 30, 3)
    for days in (40, 5):
        old(organization, hook, days)
    statements: list[tuple[str, Any]] = []
    event.listen(
        db.engine, "before_cursor_execute", lambda *parameters: statements.append(parameters[2:4])
    )
    clean()
    db.session.commit()
    with sqlite3.connect(str(db.engine.url.database)) as connection:
        plans = [
            row[3]
            for sql, parameters in statements
            if sql.startswith(("SELECT", "UPDATE", "DELETE"))
            for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
        ]
    assert len(plans) > 20
    tables = ("events", "deliveries", "attempts", "delivery_bodies", "idempotency_keys", "mails")
    assert [plan for plan in plans if plan.startswith(tuple(f"SCAN {t}" for t in tables))] == []
