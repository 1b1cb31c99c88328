"""A worker that ends, by itself or by force, while it has much in hand."""

import time
from typing import Any

import pytest

from tests.faults.large import AT_ONCE, WEBHOOKS, publish_large
from tests.faults.workers import (
    CLAIMED,
    Workers,
    all_done,
    assert_recorded_once,
    number,
    times_sent,
)
from tests.support.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults


def test_a_worker_told_to_end_frees_what_waits_and_finishes_what_is_going(
    workers: Workers, organization: Any, receiver: Receiver
) -> None:
    ending = workers.start()
    receiver.answer(delay=3.0)
    publish_large(organization.id, receiver.url)
    receiver.wait_for(AT_ONCE)
    assert number(CLAIMED) == WEBHOOKS
    ending.terminate()
    before = time.monotonic()
    eventually(lambda: number(CLAIMED) == AT_ONCE)
    assert time.monotonic() - before < 2.5
    receiver.answer(200)
    workers.start()
    assert ending.ended() == 0
    assert number("SELECT count(*) FROM workers") == 1
    eventually(all_done)
    assert set(times_sent(receiver.requests).values()) == {1}
    assert_recorded_once(WEBHOOKS)


def test_what_a_killed_worker_held_goes_on_beside_it(
    workers: Workers, organization: Any, receiver: Receiver
) -> None:
    killed = workers.start()
    receiver.answer(delay=10.0)
    publish_large(organization.id, receiver.url)
    receiver.wait_for(AT_ONCE)
    workers.start()
    receiver.answer(200)
    killed.kill()
    before = time.monotonic()
    eventually(all_done)
    # The other one looks every three seconds; of silence alone it would have heard in fifteen.
    assert time.monotonic() - before < 10.0
    sent = times_sent(receiver.requests)
    assert len(sent) == WEBHOOKS
    assert sum(sent.values()) == WEBHOOKS + AT_ONCE
    assert_recorded_once(WEBHOOKS)
