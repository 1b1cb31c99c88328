"""A worker that is stopped where it stands, and goes on later, or never."""

import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.models.base import db
from app.services.events import publishing as events
from tests.faults.large import AT_ONCE, WEBHOOKS, publish_large
from tests.faults.workers import (
    CLAIMED,
    Workers,
    all_done,
    assert_recorded_once,
    number,
    times_sent,
)
from tests.services.publishing import draft, webhook
from tests.support.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults

WAITING = """SELECT count(*) FROM pg_stat_activity
WHERE application_name = 'stopped' AND wait_event_type = 'Lock'"""


def test_a_worker_that_was_taken_for_dead_sends_and_records_nothing_more(
    workers: Workers, organization: Any, receiver: Receiver
) -> None:
    stopped = workers.start(impatient=True)
    receiver.answer(delay=2.0)
    publish_large(organization.id, receiver.url)
    receiver.wait_for(AT_ONCE)
    stopped.pause()
    receiver.answer(200)
    assert number(CLAIMED) == WEBHOOKS
    other = workers.start(impatient=True)
    eventually(all_done)
    stopped.resume()
    # It begins anew, under another number.
    eventually(lambda: number("SELECT max(id) FROM workers") == 3)
    for one in (stopped, other):
        one.terminate()
        assert one.ended() == 0
    sent = times_sent(receiver.requests)
    assert len(sent) == WEBHOOKS
    assert sum(sent.values()) == WEBHOOKS + AT_ONCE
    assert max(sent.values()) == 2
    assert_recorded_once(WEBHOOKS)


def test_a_worker_stopped_within_a_transaction_holds_nobody_up(
    postgres_app: Flask, workers: Workers, organization: Any, receiver: Receiver
) -> None:
    held = webhook(organization.id, url=receiver.url, event_types=["held"])
    webhook(organization.id, url=receiver.url, event_types=["other"])
    stopped = workers.start(impatient=True, PGAPPNAME="stopped")
    receiver.answer(delay=0.5)
    events.publish(organization.id, draft("held"))
    receiver.wait_for(1)
    with db.engine.begin() as connection:
        lock = text("SELECT 1 FROM webhook_states WHERE webhook_id = :id FOR UPDATE")
        connection.execute(lock, {"id": held})
        eventually(lambda: number(WAITING) == 1)
        stopped.pause()
    # It has the lock now, and goes no further: the database hangs up on it before long.
    workers.start(impatient=True)
    receiver.answer(200)
    before = time.monotonic()
    events.publish(organization.id, draft("other"))
    assert receiver.wait_for(2)[1].at - before < 4.0
    eventually(all_done)
    stopped.resume()
    eventually(lambda: number("SELECT max(id) FROM workers") == 3)
    assert sorted(times_sent(receiver.requests).values()) == [1, 2]
    assert_recorded_once(2)


def test_answers_that_came_while_a_worker_was_stopped_are_not_called_late(
    workers: Workers, organization: Any, receiver: Receiver, sqlite_app: Flask
) -> None:
    count, deadline = 40, 1.0
    webhook(organization.id, url=receiver.url, timeout_seconds=deadline, max_in_flight=count)
    worker = workers.start()
    # A receiver that has answered is given as many as it may have.
    events.publish(organization.id, draft())
    eventually(all_done)
    receiver.answer(delay=0.4)
    events.publish_batch(organization.id, [draft() for _ in range(count)])
    last = receiver.wait_for(count + 1)[-1]
    worker.pause()
    eventually(lambda: time.monotonic() > last.at + deadline + 0.5)
    worker.resume()
    eventually(all_done)
    assert len(receiver.requests) == count + 1
    assert_recorded_once(count + 1)
