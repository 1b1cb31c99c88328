"""A failing or flooded receiver does not delay the deliveries of others."""

import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask

from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.events import publishing as events
from app.services.webhooks import service
from tests.faults.workers.processes import Workers, all_done, rows, scalar
from tests.services.publishing import draft, webhook
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults


@pytest.fixture
def other_receiver() -> Iterator[Receiver]:
    other = Receiver()
    yield other
    other.close()


@pytest.mark.long_on("sqlite")
def test_a_flood_of_one_organization_does_not_delay_another(
    workers: Workers, organization: Any, receiver: Receiver, other_receiver: Receiver
) -> None:
    flooding, flood, count = organizations.create("Flood"), 2_000, 5
    for _ in range(4):
        webhook(flooding.id, url=receiver.url)
    webhook(organization.id, url=other_receiver.url)
    receiver.respond(delay=0.2)
    events.publish_batch(flooding.id, [draft() for _ in range(flood // 4)])
    workers.start(MAX_IN_FLIGHT="40")
    receiver.wait_for(60)
    before = time.monotonic()
    for _ in range(count):
        events.publish(organization.id, draft())
    last = other_receiver.wait_for(count)[-1]
    assert last.at - before < 7.0
    # Much of the flood is still queued: it was not finished first.
    assert scalar("SELECT count(*) FROM due") > flood // 5


def _window(webhook_id: str) -> float | None:
    """The webhook's concurrency while it is throttled, else None."""
    [[window]] = rows('SELECT "window" FROM webhook_states WHERE webhook_id = :id', id=webhook_id)
    return window


def test_an_unresponsive_receiver_gets_one_request_at_a_time_until_it_recovers(
    sqlite_app: Flask, workers: Workers, organization: Any, receiver: Receiver
) -> None:
    deadline, once = 1.0, {"kind": "schedule", "delays_seconds": []}
    webhook_id = webhook(
        organization.id,
        url=receiver.url,
        max_in_flight=8,
        timeout_seconds=deadline,
        retry_policy=once,
    )
    workers.start()
    # A receiver that has responded gets up to its concurrency limit.
    events.publish(organization.id, draft())
    eventually(all_done)
    receiver.respond(delay=5.0)
    events.publish_batch(organization.id, [draft() for _ in range(12)])
    eventually(lambda: _window(webhook_id) == 1)
    eventually(all_done, 30.0)
    times = [request.at for request in receiver.requests]
    gaps = [later - earlier for earlier, later in pairwise(times[-4:])]
    assert min(gaps) > deadline - 0.05
    # A busy machine may need longer than the deadline to respond, once the receiver has recovered.
    service.update(organization.id, webhook_id, {"timeout_seconds": 15.0}, SYSTEM)
    receiver.respond(200)
    events.publish_batch(organization.id, [draft() for _ in range(60)])
    eventually(lambda: _window(webhook_id) is None)
    eventually(all_done)
    assert scalar("SELECT count(*) FROM deliveries WHERE state = 'succeeded'") == 61


def test_throttling_does_not_delay_the_only_due_delivery(
    sqlite_app: Flask, workers: Workers, organization: Any, receiver: Receiver
) -> None:
    each_second = {"kind": "schedule", "delays_seconds": [1, 1, 1]}
    webhook_id = webhook(organization.id, url=receiver.url, retry_policy=each_second)
    receiver.respond(503, times=3)
    workers.start()
    events.publish(organization.id, draft())
    times = [request.at for request in receiver.wait_for(3)]
    assert _window(webhook_id) == 1
    times.append(receiver.wait_for(4)[3].at)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    # A machine may stand still for some seconds.
    assert all(0.9 < gap < 7.0 for gap in gaps), gaps
    eventually(all_done)
