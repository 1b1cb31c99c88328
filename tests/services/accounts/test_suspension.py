"""A suspended organization: nothing is accepted or sent, and nothing is lost."""

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.domain.common.errors import Conflict, NotFound, Suspended
from app.domain.common.ids import new_id
from app.models import AuditEntry, Due, Webhook
from app.models.common.base import db
from app.runtime.context import runtime_of
from app.services.accounts import organizations, suspension
from app.services.accounts.actor import SYSTEM
from app.services.events import publishing as events
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.services.publishing import delivery_rows, draft, due_rows, webhook
from tests.support.dispatchers import dispatcher_of
from tests.support.servers.receiver import Receiver


def run(app: Flask) -> None:
    """A worker, until nothing is due."""
    dispatcher = dispatcher_of(runtime_of(app))
    try:
        dispatcher.run(30, linger=0)
    finally:
        dispatcher.close()


def states() -> list[str]:
    return [row.state for row in delivery_rows()]


def test_queued_deliveries_wait_and_go_on_when_resumed(
    app: Flask, organization: Any, receiver: Receiver
) -> None:
    webhook(organization.id, url=receiver.url)
    events.publish(organization.id, draft(callback=f"{receiver.url}/once"))
    suspension.suspend(organization.id, SYSTEM)
    run(app)
    assert receiver.requests == []
    assert states() == ["pending", "pending"]
    assert len(due_rows()) == 2
    suspension.resume(organization.id, SYSTEM)
    run(app)
    assert states() == ["succeeded", "succeeded"]
    assert sorted(request.path for request in receiver.requests) == ["/", "/once"]


def test_another_organization_is_not_affected(
    app: Flask, organization: Any, receiver: Receiver
) -> None:
    other = organizations.create("Other")
    for id_ in (organization.id, other.id):
        webhook(id_, url=f"{receiver.url}/{id_}")
        events.publish(id_, draft())
    suspension.suspend(organization.id, SYSTEM)
    events.publish(other.id, draft())
    run(app)
    assert [request.path for request in receiver.requests] == [f"/{other.id}"] * 2


def test_an_attempt_in_flight_is_recorded_and_its_retry_waits(
    app: Flask, organization: Any, receiver: Receiver
) -> None:
    policy = {"kind": "schedule", "delays_seconds": [1]}
    webhook(organization.id, url=receiver.url, retry_policy=policy)
    receiver.respond(503, delay=0.5, times=1)
    events.publish(organization.id, draft())

    def suspend_during_the_request() -> None:
        receiver.wait_for(1)
        with app.app_context():
            suspension.suspend(organization.id, SYSTEM)

    thread = threading.Thread(target=suspend_during_the_request)
    thread.start()
    run(app)
    thread.join()
    [delivery] = delivery_rows()
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("retrying", 1, 503)
    with write_transaction() as session:
        session.execute(update(Due).values(next_at=1))
    run(app)
    assert len(receiver.requests) == 1
    suspension.resume(organization.id, SYSTEM)
    run(app)
    assert (states(), len(receiver.requests)) == (["succeeded"], 2)


def test_no_event_is_accepted(app: Flask, organization: Any) -> None:
    webhook(organization.id)
    suspension.suspend(organization.id, SYSTEM)
    with pytest.raises(Suspended):
        events.publish(organization.id, draft())
    with pytest.raises(Suspended):
        events.publish_batch(organization.id, [draft(), draft()])
    assert states() == []


def test_only_webhooks_that_were_active_are_enabled_again(app: Flask, organization: Any) -> None:
    active, paused = webhook(organization.id), webhook(organization.id)
    webhooks.pause(organization.id, paused, SYSTEM)
    suspension.suspend(organization.id, SYSTEM)
    suspension.resume(organization.id, SYSTEM)
    rows = {row.id: row for row in db.session.scalars(select(Webhook))}
    assert (rows[active].is_active, rows[active].held) == (True, False)
    assert (rows[paused].is_active, rows[paused].held) == (False, False)


def test_both_are_in_the_audit_log_and_happen_once(app: Flask, organization: Any) -> None:
    webhook(organization.id)
    suspension.suspend(organization.id, SYSTEM)
    with pytest.raises(Conflict):
        suspension.suspend(organization.id, SYSTEM)
    suspension.resume(organization.id, SYSTEM)
    with pytest.raises(Conflict):
        suspension.resume(organization.id, SYSTEM)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    written = [(entry.action, entry.after) for entry in entries[-2:]]
    assert written == [
        ("organization.suspend", {"webhooks_held": 1}),
        ("organization.resume", {"webhooks_enabled": 1}),
    ]


def test_an_unknown_organization_cannot_be_suspended(sqlite_app: Flask) -> None:
    with pytest.raises(NotFound):
        suspension.suspend(new_id(), SYSTEM)
