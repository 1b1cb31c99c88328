"""The rows after an attempt."""

import threading
from typing import Any

import pytest
from sqlalchemy import select, update

from app.engine.dispatcher import Dispatcher
from app.models import DeliveryBody, Due, Notice, Webhook
from app.models.common.base import db
from app.queries.deliveries.sent_bodies import sent_body
from app.services.accounts.actor import SYSTEM
from app.services.deliveries import actions as deliveries
from app.services.deliveries.sent_requests import OPENED
from app.services.events import publishing as events
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.engine.test_dispatcher import attempts, state_of
from tests.services.publishing import delivery_rows, draft, due_rows, webhook
from tests.support.servers.receiver import Receiver

ONCE: dict[str, Any] = {"kind": "schedule", "delays_seconds": []}
FORM_PAYLOAD = b'{"callback_id": "7", "callback_value": "a", "callback_format": "video"}'
LATE = {"kind": "schedule", "delays_seconds": [600]}


def _notices() -> list[str]:
    return list(db.session.scalars(select(Notice.kind).order_by(Notice.id)))


def _make_due() -> None:
    with write_transaction() as session:
        session.execute(update(Due).values(next_at=0))


def test_a_failed_attempt_schedules_a_retry(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    webhook_id = webhook(organization.id, url=receiver.url, retry_policy=LATE)
    receiver.respond(500)
    events.publish(organization.id, draft())
    dispatcher.run(30, linger=0)
    [delivery], [attempt], [due] = delivery_rows(), attempts(), due_rows()
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("retrying", 1, 500)
    assert (due.attempt, due.claimed_by) == (2, None)
    ended_at = attempt.started_at + attempt.total_us // 1000
    assert due.next_at - ended_at == pytest.approx(600_000, abs=2)
    assert state_of(webhook_id).failing_since == pytest.approx(ended_at, abs=2)
    assert _notices() == []


def test_the_last_attempt_fails_the_delivery_and_writes_a_notice(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    webhook(organization.id, url=receiver.url, retry_policy=ONCE)
    receiver.respond(500)
    events.publish(organization.id, draft())
    dispatcher.run(30, linger=0)
    assert [row.state for row in delivery_rows()] == ["failed"]
    assert due_rows() == []
    assert _notices() == ["delivery.failed"]


def test_a_webhook_is_reported_as_failing_as_the_pages_say_it(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    webhook(organization.id, url=receiver.url, retry_policy=ONCE)
    for status in (500, 200, 500, 500, 200, 500, 500):
        receiver.respond(status)
        events.publish(organization.id, draft())
        dispatcher.run(30, linger=0)
    # At most two in a row.
    assert set(_notices()) == {"delivery.failed"}
    receiver.respond(500)
    events.publish(organization.id, draft())
    dispatcher.run(30, linger=0)
    assert _notices().count("webhook.failing") == 1
    receiver.respond(200)
    events.publish(organization.id, draft())
    dispatcher.run(30, linger=0)
    assert _notices()[-1] == "webhook.recovered"


def test_a_410_response_disables_the_webhook(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    webhook_id = webhook(organization.id, url=receiver.url)
    receiver.respond(410)
    events.publish(organization.id, draft())
    dispatcher.run(30, linger=0)
    row = db.session.get_one(Webhook, webhook_id, populate_existing=True)
    assert (row.is_active, row.disabled_reason) == (
        False,
        "The receiver responded with 410 Gone.",
    )
    assert "webhook.disabled" in _notices()


def test_a_delivery_cancelled_while_sending_stays_cancelled(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    webhook_id = webhook(organization.id, url=receiver.url)
    receiver.respond(delay=0.3)
    events.publish(organization.id, draft())
    sending = threading.Thread(target=dispatcher.run, args=(5, 0))
    sending.start()
    receiver.wait_for(1)
    [delivery] = delivery_rows()
    deliveries.cancel(organization.id, delivery.id, SYSTEM)
    sending.join()
    assert [row.state for row in delivery_rows()] == ["cancelled"]
    assert (attempts(), due_rows()) == ([], [])
    assert state_of(webhook_id).in_flight == 0


def test_a_paused_webhook_is_skipped_until_it_is_resumed(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    webhook_id = webhook(organization.id, url=receiver.url)
    events.publish(organization.id, draft())
    webhooks.pause(organization.id, webhook_id, SYSTEM)
    dispatcher.run(30, linger=0)
    assert (len(due_rows()), receiver.requests) == (1, [])
    webhooks.resume(organization.id, webhook_id, SYSTEM)
    dispatcher.run(30, linger=0)
    assert [row.state for row in delivery_rows()] == ["succeeded"]


def test_a_retry_sends_the_first_body_and_a_resend_the_current_one(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    own = {"body_format": "custom", "body_expression": "{n: payload.n}", "preset": "custom"}
    webhook_id = webhook(organization.id, url=receiver.url, retry_policy=LATE, **own)
    receiver.respond(500, times=2)
    events.publish(organization.id, draft(payload=b'{"n":1}'))
    dispatcher.run(30, linger=0)
    webhooks.update(organization.id, webhook_id, {"body_expression": "{m: payload.n}"}, SYSTEM)
    _make_due()
    dispatcher.run(30, linger=0)
    [delivery] = delivery_rows()
    deliveries.resend(organization.id, delivery.id, SYSTEM)
    dispatcher.run(30, linger=0)
    bodies = [request.body for request in receiver.requests]
    assert bodies == [b'{"n":1}', b'{"n":1}', b'{"m":1}']
    assert [attempt.number for attempt in attempts()] == [1, 2, 3]
    assert len({request.header("webhook-id") for request in receiver.requests}) == 1


def test_secrets_of_a_receiver_are_encrypted_in_every_record(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    token, key = "token-of-theirs", "key of theirs"
    settings = {"preset": "form_callback", "secret_token": token, "api_key": key}
    settings |= {"url": receiver.url, "retry_policy": LATE}
    webhooks.create(organization.id, settings, SYSTEM)
    receiver.respond(500)
    events.publish(organization.id, draft(payload=FORM_PAYLOAD))
    dispatcher.run(30, linger=0)
    _make_due()
    dispatcher.run(30, linger=0)
    first, second = receiver.requests
    assert b"api_key=key%20of%20theirs" in first.body == second.body
    stored = db.session.scalars(select(DeliveryBody.body)).all()
    heads = [bytes(attempt.request_head) for attempt in attempts()]
    assert len(stored) == 1
    for record in (*heads, *map(bytes, stored)):
        assert token.encode() not in record
        assert b"key%20of%20theirs" not in record
    [delivery] = delivery_rows()
    full_heads = [OPENED.head(attempt.request_head) for attempt in attempts()]
    assert all(b": token-of-theirs\r\n" in head for head in full_heads)
    body = sent_body(organization.id, delivery)
    assert body is not None
    assert OPENED.body(body.content) == first.body


def test_failed_attempts_in_a_row_are_counted_until_a_success(
    dispatcher: Dispatcher, organization: Any, receiver: Receiver
) -> None:
    webhook_id = webhook(organization.id, url=receiver.url, retry_policy=LATE)
    receiver.respond(500)
    for _ in range(3):
        events.publish(organization.id, draft())
    dispatcher.run(30, linger=0)
    assert state_of(webhook_id).consecutive_failures == 3
    receiver.respond(200)
    events.publish(organization.id, draft())
    dispatcher.run(30, linger=0)
    state = state_of(webhook_id)
    assert (state.consecutive_failures, state.failing_since) == (0, None)
