"""A worker that is stopped where it stands, and goes on later, or never."""

import time
from typing import Any

import pytest
from flask import Flask

from app.services import events
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
