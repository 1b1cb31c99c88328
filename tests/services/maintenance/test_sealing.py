"""Credentials that an earlier release stored in plain text, on both databases."""

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.models import Attempt, AuditEntry, TestInboxRequest, Webhook, Worker
from app.models.common.base import db
from app.services.accounts.actor import SYSTEM
from app.services.deliveries.sent_requests import OPENED
from app.services.maintenance import sealing
from app.services.test_inbox import inboxes
from app.services.webhooks import service
from app.services.webhooks.secret_headers import headers_of
from app.store.transaction import write_transaction

HEADERS = [["X-Team", "video"], ["Authorization", "Bearer s3cret"]]
HEAD = b"POST / HTTP/1.1\r\nX-Team: video\r\nAuthorization: Bearer s3cret\r\n\r\n"


def store_as_the_previous_release(organization: Any) -> str:
    """A webhook, its entry in the audit log, an attempt and a request in a test inbox; the
    webhook's id."""
    row = service.create(organization.id, {"url": "http://127.0.0.1:9000/"}, SYSTEM)
    inbox = inboxes.create(organization.id, {}, SYSTEM)
    shared = {"organization_id": organization.id, "webhook_id": row.id}
    with write_transaction() as session:
        session.execute(update(Webhook).values(headers=HEADERS, secret_headers=None))
        entry = update(AuditEntry).where(AuditEntry.action == "webhook.create")
        session.execute(entry.values(after={"headers": HEADERS}))
        for number in range(1, 6):
            session.add(
                Attempt(
                    delivery_id=new_id(),
                    number=number,
                    started_at=1,
                    cause="ok",
                    url="https://example.com/",
                    request_head=HEAD,
                    total_us=1,
                    **shared,
                )
            )
        session.add(
            TestInboxRequest(
                id=new_id(),
                catcher_id=inbox.id,
                received_at=now_ms(),
                method="POST",
                target="/",
                head=HEAD,
                body=b"",
                bytes=0,
                signature="none",
                status=200,
                why="set",
                **shared,
            )
        )
    return row.id


def everything_stored() -> str:
    models = (Webhook, AuditEntry, Attempt, TestInboxRequest)
    return repr([db.session.execute(select(model.__table__)).all() for model in models])


def test_everything_is_sealed_and_can_still_be_read(
    app: Any, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    webhook_id = store_as_the_previous_release(organization)
    assert "s3cret" in everything_stored()
    sealing.seal_all()
    assert "s3cret" not in everything_stored()
    row = db.session.get_one(Webhook, webhook_id)
    assert headers_of(row) == ([("X-Team", "video")], [("Authorization", "Bearer s3cret")])
    for head in db.session.scalars(select(Attempt.request_head)):
        assert OPENED.head(head) == HEAD
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "webhook.create"))
    assert entry.one().after == {"headers": [HEADERS[0], ["Authorization", "(hidden)"]]}


def test_nothing_changes_while_a_worker_of_the_previous_release_runs(
    app: Any, organization: Any
) -> None:
    webhook_id = store_as_the_previous_release(organization)
    with write_transaction() as session:
        session.add(Worker(name="old", started_at=0, seen_at=0))
    sealing.seal_all()
    assert db.session.get_one(Webhook, webhook_id).headers == HEADERS
    with write_transaction() as session:
        session.execute(delete(Worker))
    sealing.seal_all()
    assert "s3cret" not in everything_stored()


def test_attempts_of_a_worker_of_the_previous_release_are_sealed_after_it_is_gone(
    app: Any, organization: Any
) -> None:
    store_as_the_previous_release(organization)
    sealing.seal_all()
    with write_transaction() as session:
        session.add(Worker(name="old", started_at=0, seen_at=0))
    sealing.seal_all()
    with write_transaction() as session:
        last = session.scalars(select(Attempt).order_by(Attempt.id.desc())).first()
        assert last is not None
        columns = {c.name: getattr(last, c.name) for c in Attempt.__table__.columns}
        later = columns | {"id": last.id + 1, "number": 9, "request_head": HEAD}
        session.add(Attempt(**later))
        session.execute(delete(Worker))
    sealing.seal_all()
    assert "s3cret" not in everything_stored()


def test_what_is_sealed_stays_as_it_is(app: Any, organization: Any) -> None:
    store_as_the_previous_release(organization)
    sealing.seal_all()
    before = everything_stored()
    sealing.seal_all()
    assert everything_stored() == before


def test_webhooks_of_a_web_process_of_the_previous_release_are_sealed_in_the_next_round(
    sqlite_app: Any, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealing.seal_all()
    store_as_the_previous_release(organization)
    sealing.seal_all()
    assert "s3cret" in repr(db.session.execute(select(Webhook.__table__)).all())
    later = now_ms() + sealing.ROUND_MS
    monkeypatch.setattr(sealing, "now_ms", lambda: later)
    sealing.seal_all()
    assert "s3cret" not in repr(db.session.execute(select(Webhook.__table__)).all())
