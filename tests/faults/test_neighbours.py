"""One customer's trouble, or flood, beside the others' few deliveries."""

import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask

from app.services.accounts import organizations
from app.services.events import publishing as events
from tests.faults.workers import Workers, all_done, number, rows
from tests.services.publishing import draft, webhook
from tests.support.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults


@pytest.fixture
def other_receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.close()


def test_a_few_are_received_in_the_midst_of_anothers_flood(
    workers: Workers, organization: Any, receiver: Receiver, other_receiver: Receiver
) -> None:
    flooding, flood, few = organizations.create("Flood"), 2_000, 5
    for _ in range(4):
        webhook(flooding.id, url=receiver.url)
    webhook(organization.id, url=other_receiver.url)
    receiver.answer(delay=0.2)
    events.publish_batch(flooding.id, [draft() for _ in range(flood // 4)])
    workers.start(MAX_IN_FLIGHT="40")
    receiver.wait_for(60)
    before = time.monotonic()
    for _ in range(few):
        events.publish(organization.id, draft())
    last = other_receiver.wait_for(few)[-1]
    assert last.at - before < 3.0
    # Those who wait are still many: it was not their turn that came.
    assert number("SELECT count(*) FROM due") > flood // 2


def _window(webhook_id: str) -> float | None:
    """None: it is not throttled."""
    found = rows('SELECT "window" FROM webhook_states WHERE webhook_id = :id', id=webhook_id)
    window: float | None = found[0][0]
    return window


def test_a_receiver_that_does_not_answer_gets_one_call_at_a_time_until_it_does(
    sqlite_app: Flask, workers: Workers, organization: Any, receiver: Receiver
) -> None:
    deadline, once = 0.2, {"kind": "schedule", "delays_seconds": []}
    id_ = webhook(
        organization.id,
        url=receiver.url,
        max_in_flight=8,
        timeout_seconds=deadline,
        retry_policy=once,
    )
    workers.start()
    # It has answered, and so is given as many as it may have.
    events.publish(organization.id, draft())
    eventually(all_done)
    receiver.answer(delay=5.0)
    events.publish_batch(organization.id, [draft() for _ in range(18)])
    eventually(lambda: _window(id_) == 1)
    eventually(all_done)
    moments = [request.at for request in receiver.requests]
    gaps = [later - sooner for sooner, later in pairwise(moments[-4:])]
    assert min(gaps) > deadline - 0.05
    receiver.answer(200)
    events.publish_batch(organization.id, [draft() for _ in range(60)])
    eventually(lambda: _window(id_) is None)
    eventually(all_done)
    assert number("SELECT count(*) FROM deliveries WHERE state = 'succeeded'") == 61


def test_the_only_due_delivery_of_a_receiver_in_trouble_is_on_time(
    sqlite_app: Flask, workers: Workers, organization: Any, receiver: Receiver
) -> None:
    each_second = {"kind": "schedule", "delays_seconds": [1, 1, 1]}
    id_ = webhook(organization.id, url=receiver.url, retry_policy=each_second)
    receiver.answer(503, times=3)
    workers.start()
    events.publish(organization.id, draft())
    moments = [request.at for request in receiver.wait_for(3)]
    assert _window(id_) == 1
    moments.append(receiver.wait_for(4)[3].at)
    gaps = [later - sooner for sooner, later in pairwise(moments)]
    assert all(0.9 < gap < 3.0 for gap in gaps), gaps
    eventually(all_done)
