"""Due deliveries are sent and recorded."""

import threading
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.engine.dispatcher import Dispatcher
from app.models import Attempt, WebhookState
from app.models.common.base import db
from app.services.events import publishing as events
from tests.services.publishing import delivery_rows, draft, due_rows, webhook
from tests.support.servers.receiver import Receiver

SOON = {"kind": "schedule", "delays_seconds": [1, 1]}


def attempts() -> list[Attempt]:
    query = select(Attempt).order_by(Attempt.id).execution_options(populate_existing=True)
    return list(db.session.scalars(query))


def state_of(webhook_id: str) -> WebhookState:
    return db.session.get_one(WebhookState, webhook_id, populate_existing=True)


def test_a_due_delivery_is_sent_and_recorded(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    webhook_id = webhook(organization.id, url=f"{receiver.url}/hook")
    events.publish(organization.id, draft(payload=b'{"a": 1.10}'))
    dispatcher.run(30, linger=0)
    [request] = receiver.requests
    assert (request.method, request.path) == ("POST", "/hook")
    assert b'"data":{"a": 1.10}' in request.body
    (delivery,), (attempt,) = delivery_rows(), attempts()
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("succeeded", 1, 200)
    assert (attempt.number, attempt.cause, attempt.status) == (1, "ok", 200)
    assert request.header("webhook-id") == f"msg_{delivery.id}"
    assert due_rows() == []
    assert state_of(webhook_id).in_flight == 0
    assert state_of(webhook_id).last_success_at is not None


def test_setting_the_clock_ahead_times_out_no_request(
    sqlite_app: Flask,
    dispatcher: Dispatcher,
    organization: Any,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    webhook(organization.id, url=receiver.url, retry_policy=SOON)
    receiver.respond(503, delay=0.3, times=1)
    events.publish(organization.id, draft())
    real, hour_ns = time.time_ns, 3600 * 10**9

    def set_ahead() -> None:
        receiver.wait_for(1)
        monkeypatch.setattr(time, "time_ns", lambda: real() + hour_ns)

    setter = threading.Thread(target=set_ahead)
    setter.start()
    dispatcher.run(30, linger=0)
    setter.join()
    # By the new clock the retry is due.
    dispatcher.run(30, linger=0)
    first, second = attempts()
    assert (first.status, second.status) == (503, 200)
    assert 300_000 <= first.total_us < 60_000_000
    assert second.started_at - first.started_at > 3_600_000 - 1_000
