"""A webhook's limits hold across all workers."""

import time
from typing import Any

import pytest

from app.services.events import publishing as events
from tests.faults.workers.processes import Workers, all_done, assert_recorded_once, rows
from tests.services.publishing import draft, webhook
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults

# What a rate limit lets through at once, and a little more.
BURST = 8


@pytest.mark.long_on("sqlite")
def test_two_workers_share_a_rate_limit_without_failed_attempts(
    workers: Workers, organization: Any, receiver: Receiver
) -> None:
    rate, count = 25, 50
    webhook(organization.id, url=receiver.url, rate_limit_per_second=rate)
    workers.start_two()
    began = time.monotonic()
    events.publish_batch(organization.id, [draft() for _ in range(count)])
    times = [request.at - began for request in receiver.wait_for(count)]
    eventually(all_done)
    assert_recorded_once(count)
    # A busy machine may delay requests, which brings them closer together, but none comes early.
    assert all(at >= (number - BURST) / rate for number, at in enumerate(times))
    assert times[-1] < 2 * count / rate + 6


@pytest.mark.long_on("postgresql")
def test_two_workers_share_a_concurrency_limit(
    workers: Workers, organization: Any, receiver: Receiver
) -> None:
    limit, delay, batch = 3, 0.1, 30
    webhook(organization.id, url=receiver.url, max_in_flight=limit)
    receiver.respond(delay=delay)
    # So each worker may have two requests of an organization in flight, fewer than the limit.
    workers.start_two(MAX_IN_FLIGHT="3")
    workers_seen: set[int] = set()
    count = 0

    def both_have_sent() -> bool:
        nonlocal count
        claimed = rows("SELECT DISTINCT claimed_by FROM due WHERE claimed_by IS NOT NULL")
        workers_seen.update(row[0] for row in claimed)
        if all_done() and len(workers_seen) < 2:
            events.publish_batch(organization.id, [draft() for _ in range(batch)])
            count += batch
        return len(workers_seen) == 2 and all_done()

    eventually(both_have_sent, every=0.01)
    assert_recorded_once(count)
    times = sorted(request.at for request in receiver.requests)
    # When a request arrives, fewer than `limit` others have no response yet.
    assert all(
        later - earlier >= delay for earlier, later in zip(times, times[limit:], strict=False)
    )


@pytest.mark.long
def test_two_workers_share_the_quota_of_requests_to_a_host(
    workers: Workers, organization: Any, receiver: Receiver
) -> None:
    limit, delay, count = 4, 0.15, 40
    receiver.respond(delay=delay)
    for number in range(count):
        webhook(organization.id, url=f"{receiver.url}/{number}")
    workers.start_two(MAX_REQUESTS_PER_HOST=str(limit))
    eventually(lambda: workers_registered() == 2)
    # A worker knows of the other from its next heartbeat on.
    seen = rows("SELECT id, beat FROM workers")
    eventually(lambda: all(beat >= dict(seen)[id_] + 2 for id_, beat in beats()))
    events.publish(organization.id, draft())
    times = sorted(request.at for request in receiver.wait_for(count))
    eventually(all_done)
    assert_recorded_once(count)
    assert all(
        later - earlier >= delay for earlier, later in zip(times, times[limit:], strict=False)
    )


def workers_registered() -> int:
    return len(beats())


def beats() -> list[tuple[int, int]]:
    return [(row[0], row[1]) for row in rows("SELECT id, beat FROM workers")]
