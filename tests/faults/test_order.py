"""Deliveries with the same ordering key arrive in the order of publishing."""

import json
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask

from app.domain.events.event import EventDraft
from app.services.accounts.actor import SYSTEM
from app.services.deliveries import actions as deliveries
from app.services.events import publishing as events
from tests.faults.workers.processes import Workers, all_done, rows, times_sent
from tests.services.publishing import draft, webhook
from tests.support.servers.receiver import Received, Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults

KEYS, EACH = ("a", "b", "c", "d"), 12
SOON = {"kind": "schedule", "delays_seconds": [1, 1, 1, 1]}
LATE = {"kind": "schedule", "delays_seconds": [3600]}


def _numbered(keys: Iterable[str], each: int) -> list[EventDraft]:
    """Events numbered per key, with the keys interleaved."""
    return [
        draft(payload=b'{"key":"%s","n":%d}' % (key.encode(), n), ordering_key=key)
        for n in range(each)
        for key in keys
    ]


def _received(requests: Iterable[Received]) -> dict[str, list[int]]:
    """The numbers per key, in order of arrival."""
    numbers = defaultdict(list)
    for request in requests:
        data = json.loads(request.body)["data"]
        numbers[data["key"]].append(data["n"])
    return numbers


@pytest.mark.long_on("sqlite")
def test_order_holds_with_failures_two_workers_and_a_kill(
    workers: Workers, organization: Any, receiver: Receiver
) -> None:
    webhook(organization.id, url=receiver.url, ordered=True, retry_policy=SOON)
    receiver.respond(delay=0.02)
    killed, _ = workers.start_two(MAX_IN_FLIGHT="3")
    events.publish_batch(organization.id, _numbered(KEYS, EACH))
    receiver.wait_for(10)
    receiver.respond(500, times=3)
    receiver.wait_for(20)
    killed.kill()
    eventually(all_done)
    numbers = _received(receiver.requests)
    assert {key: sorted(set(arrived)) for key, arrived in numbers.items()} == {
        key: list(range(EACH)) for key in KEYS
    }
    # A repeat follows its original directly.
    assert all(
        n in (before, before + 1) for arrived in numbers.values() for before, n in pairwise(arrived)
    )
    assert {row[0] for row in rows("SELECT DISTINCT state FROM deliveries")} == {"succeeded"}
    # Repeated: three failed attempts, and what the killed worker had in flight.
    assert sum(times_sent(receiver.requests).values()) <= len(KEYS) * EACH + 3 + 2


def test_cancelling_a_retrying_delivery_unblocks_its_key(
    sqlite_app: Flask, workers: Workers, organization: Any, receiver: Receiver
) -> None:
    webhook(organization.id, url=receiver.url, ordered=True, retry_policy=LATE)
    receiver.respond(500, times=1)
    workers.start()
    blocked, _ = events.publish_batch(organization.id, _numbered("a", 2))
    [failing] = blocked.deliveries
    state = "SELECT state FROM deliveries WHERE id = :id"
    eventually(lambda: rows(state, id=failing.id)[0][0] == "retrying")
    # Other keys continue; the next delivery of this key waits.
    events.publish_batch(organization.id, _numbered("b", 2))
    receiver.wait_for(3)
    assert _received(receiver.requests) == {"a": [0], "b": [0, 1]}
    deliveries.cancel(organization.id, failing.id, SYSTEM)
    receiver.wait_for(4)
    assert _received(receiver.requests) == {"a": [0, 1], "b": [0, 1]}
    eventually(all_done)
