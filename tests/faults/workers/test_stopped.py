"""A worker that is paused with SIGSTOP and resumed later."""

import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.models.common.base import db
from app.services.events import publishing as events
from tests.faults.large import IN_FLIGHT, WEBHOOKS, publish_large
from tests.faults.workers.processes import (
    CLAIMED,
    Workers,
    all_done,
    assert_recorded_once,
    scalar,
    times_sent,
)
from tests.services.publishing import draft, webhook
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults

WAITING = """SELECT count(*) FROM pg_stat_activity
WHERE application_name = 'stopped' AND wait_event_type = 'Lock'"""


@pytest.mark.long_on("sqlite")
def test_a_worker_that_lost_its_lease_sends_and_records_nothing_more(
    workers: Workers, organization: Any, receiver: Receiver
) -> None:
    stopped = workers.start(short_lease=True)
    receiver.respond(delay=2.0)
    publish_large(organization.id, receiver.url)
    receiver.wait_for(IN_FLIGHT)
    stopped.pause()
    receiver.respond(200)
    assert scalar(CLAIMED) == WEBHOOKS
    other = workers.start(short_lease=True)
    eventually(all_done)
    stopped.resume()
    # It registers again, with a new id.
    eventually(lambda: scalar("SELECT max(id) FROM workers") == 3)
    for worker in (stopped, other):
        worker.terminate()
        assert worker.wait() == 0
    sent = times_sent(receiver.requests)
    assert len(sent) == WEBHOOKS
    assert sum(sent.values()) == WEBHOOKS + IN_FLIGHT
    assert max(sent.values()) == 2
    assert_recorded_once(WEBHOOKS)


@pytest.mark.long
def test_a_worker_paused_within_a_transaction_does_not_block_others(
    postgres_app: Flask, workers: Workers, organization: Any, receiver: Receiver
) -> None:
    locked = webhook(organization.id, url=receiver.url, event_types=["locked"])
    webhook(organization.id, url=receiver.url, event_types=["other"])
    stopped = workers.start(short_lease=True, PGAPPNAME="stopped")
    receiver.respond(delay=0.5)
    events.publish(organization.id, draft("locked"))
    receiver.wait_for(1)
    with db.engine.begin() as connection:
        lock = text("SELECT 1 FROM webhook_states WHERE webhook_id = :id FOR UPDATE")
        connection.execute(lock, {"id": locked})
        eventually(lambda: scalar(WAITING) == 1)
        stopped.pause()
    # It now has the lock and is paused; the database soon closes its connection.
    workers.start(short_lease=True)
    receiver.respond(200)
    before = time.monotonic()
    events.publish(organization.id, draft("other"))
    assert receiver.wait_for(2)[1].at - before < 8.0
    eventually(all_done)
    stopped.resume()
    eventually(lambda: scalar("SELECT max(id) FROM workers") == 3)
    assert sorted(times_sent(receiver.requests).values()) == [1, 2]
    assert_recorded_once(2)


def test_responses_that_arrive_while_a_worker_is_paused_are_not_timeouts(
    workers: Workers, organization: Any, receiver: Receiver, sqlite_app: Flask
) -> None:
    # A busy machine may take long to respond, but not longer than that.
    count, deadline = 40, 3.0
    webhook(organization.id, url=receiver.url, timeout_seconds=deadline, max_in_flight=count)
    worker = workers.start()
    # A receiver that has responded gets up to its concurrency limit.
    events.publish(organization.id, draft())
    eventually(all_done)
    receiver.respond(delay=0.4)
    events.publish_batch(organization.id, [draft() for _ in range(count)])
    last = receiver.wait_for(count + 1)[-1]
    worker.pause()
    eventually(lambda: time.monotonic() > last.at + deadline + 0.5)
    worker.resume()
    eventually(all_done)
    assert len(receiver.requests) == count + 1
    assert_recorded_once(count + 1)


@pytest.mark.long
def test_workers_that_were_paused_together_do_not_consider_each_other_dead(
    workers: Workers, organization: Any, receiver: Receiver
) -> None:
    count, silence = 20, 3.0
    first, second = (workers.start(short_lease=True) for _ in range(2))
    webhook(organization.id, url=receiver.url)
    receiver.respond(delay=5.0)
    events.publish(organization.id, draft())
    receiver.wait_for(1)
    for worker in (first, second):
        worker.pause()
    until = time.monotonic() + silence
    eventually(lambda: time.monotonic() > until)
    beats = "SELECT sum(beat) FROM workers"
    before = scalar(beats)
    # The first one to wake up sees that the other has been silent for longer than allowed.
    first.resume()
    eventually(lambda: scalar(beats) >= before + 2, every=0.01)
    second.resume()
    receiver.respond(200)
    events.publish_batch(organization.id, [draft() for _ in range(count)])
    eventually(all_done)
    assert scalar("SELECT max(id) FROM workers") == 2
    assert set(times_sent(receiver.requests).values()) == {1}
    assert_recorded_once(count + 1)
