"""A worker that is terminated or killed while it has claims and requests in flight."""

import time
from typing import Any

import pytest

from tests.faults.large import IN_FLIGHT, WEBHOOKS, publish_large
from tests.faults.workers.processes import (
    CLAIMED,
    Workers,
    all_done,
    assert_recorded_once,
    scalar,
    times_sent,
)
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults


@pytest.mark.long_on("sqlite")
def test_a_terminated_worker_releases_its_claims_and_finishes_its_requests(
    workers: Workers, organization: Any, receiver: Receiver
) -> None:
    terminated = workers.start()
    receiver.respond(delay=55.0)
    publish_large(organization.id, receiver.url)
    receiver.wait_for(IN_FLIGHT)
    assert scalar(CLAIMED) == WEBHOOKS
    terminated.terminate()
    # Those of the requests in flight, which have no response yet.
    eventually(lambda: scalar(CLAIMED) == IN_FLIGHT)
    receiver.respond(200)
    receiver.release()
    workers.start()
    assert terminated.wait() == 0
    assert scalar("SELECT count(*) FROM workers") == 1
    eventually(all_done)
    assert set(times_sent(receiver.requests).values()) == {1}
    assert_recorded_once(WEBHOOKS)


@pytest.mark.long_on("postgresql")
def test_claims_of_a_killed_worker_are_taken_over(
    workers: Workers, organization: Any, receiver: Receiver
) -> None:
    killed = workers.start()
    receiver.respond(delay=55.0)
    publish_large(organization.id, receiver.url)
    receiver.wait_for(IN_FLIGHT)
    workers.start()
    receiver.respond(200)
    killed.kill()
    before = time.monotonic()
    eventually(all_done)
    # The other worker checks every 3 s for dead processes; the lease alone would take 15 s.
    assert time.monotonic() - before < 12.0
    sent = times_sent(receiver.requests)
    assert len(sent) == WEBHOOKS
    assert sum(sent.values()) == WEBHOOKS + IN_FLIGHT
    assert_recorded_once(WEBHOOKS)
