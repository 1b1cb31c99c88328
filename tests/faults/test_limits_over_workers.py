"""A webhook's limits hold over all workers together."""

from typing import Any

import pytest

from app.services.events import publishing as events
from tests.faults.workers import Workers, all_done, assert_recorded_once, rows
from tests.services.publishing import draft, webhook
from tests.support.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults


def test_a_rate_is_kept_by_two_workers_and_costs_no_attempt(
    workers: Workers, organization: Any, receiver: Receiver
) -> None:
    rate, count = 25, 50
    webhook(organization.id, url=receiver.url, rate_limit_per_second=rate)
    workers.start_two()
    events.publish_batch(organization.id, [draft() for _ in range(count)])
    moments = [request.at for request in receiver.wait_for(count)]
    eventually(all_done)
    assert_recorded_once(count)
    # Some lateness of a busy machine apart, which brings one closer to the next.
    second = [sum(start <= at < start + 1 for at in moments) for start in moments]
    assert max(second) <= rate + 4
    assert count / rate - 0.3 < moments[-1] - moments[0] < 2 * count / rate


def test_no_more_are_in_flight_than_allowed_over_two_workers(
    workers: Workers, organization: Any, receiver: Receiver
) -> None:
    most, takes, some = 3, 0.1, 30
    webhook(organization.id, url=receiver.url, max_in_flight=most)
    receiver.answer(delay=takes)
    # Each would take two of an organization, and so leaves something to the other.
    workers.start_two(MAX_IN_FLIGHT="3")
    seen: set[int] = set()
    count = 0

    def both_have_sent_all() -> bool:
        nonlocal count
        claimed = rows("SELECT DISTINCT claimed_by FROM due WHERE claimed_by IS NOT NULL")
        seen.update(row[0] for row in claimed)
        if all_done() and len(seen) < 2:
            events.publish_batch(organization.id, [draft() for _ in range(some)])
            count += some
        return len(seen) == 2 and all_done()

    eventually(both_have_sent_all, every=0.01)
    assert_recorded_once(count)
    moments = sorted(request.at for request in receiver.requests)
    # Whoever comes finds fewer than `most` that have not been answered yet.
    assert all(
        later - sooner >= takes for sooner, later in zip(moments, moments[most:], strict=False)
    )
