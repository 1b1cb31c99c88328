"""Which webhooks to claim from next."""

from collections import Counter
from typing import Any

import pytest

from app.engine.due_queue.backlog import FULL_SECONDS, LOCKED_SECONDS, REFRESH_SECONDS, Backlog
from app.engine.shards import GRACE_MS, Shards

NOW, CLOCK = 1_700_000_000_000, 50.0


def backlog(*rows: tuple[str, str, int]) -> Backlog:
    learned = Backlog(Shards("this"))
    learned.learn(rows, CLOCK)
    return learned


def chosen(queue: Backlog, **limits: Any) -> dict[str, int]:
    defaults = {"room_of": lambda _: 32, "organizations": {}}
    return dict(queue.choose(100, CLOCK, NOW, **defaults | limits))


def test_only_due_webhooks_are_selected() -> None:
    queue = backlog(("o", "now", NOW), ("o", "later", NOW + 1))
    assert chosen(queue) == {"now": 32}
    assert queue.has_work(CLOCK, NOW)
    assert queue.until_work(CLOCK, NOW) == 0.0


@pytest.mark.parametrize(
    ("rows", "expected"), [([], None), ([("o", "a", NOW + 250), ("o", "b", NOW + 900)], 0.25)]
)
def test_the_backlog_returns_the_seconds_until_the_next_delivery_is_due(
    rows: Any, expected: float | None
) -> None:
    queue = backlog(*rows)
    assert queue.until_work(CLOCK, NOW) == expected
    assert not queue.has_work(CLOCK, NOW)


def test_a_webhook_without_room_is_skipped_until_one_of_its_requests_ends() -> None:
    queue = backlog(("o", "full", NOW), ("o", "fine", NOW))
    assert chosen(queue, room_of=lambda webhook_id: 0 if webhook_id == "full" else 5) == {"fine": 5}
    assert chosen(queue) == {"fine": 32}
    queue.freed("full")
    assert chosen(queue) == {"fine": 32, "full": 32}


def test_there_is_no_work_while_all_due_webhooks_are_skipped() -> None:
    queue = backlog(("o", "full", NOW))
    chosen(queue, room_of=lambda _: 0)
    assert not queue.has_work(CLOCK, NOW)
    assert queue.until_work(CLOCK, NOW) == pytest.approx(FULL_SECONDS)
    assert queue.has_work(CLOCK + FULL_SECONDS, NOW)


def test_an_organization_at_its_limit_is_skipped() -> None:
    queue = backlog(("flood", "f", NOW), ("small", "s", NOW))
    assert chosen(queue, organizations={"flood": 0}) == {"s": 32}
    queue.claimed([("s", 32)], Counter())
    assert not queue.has_work(CLOCK, NOW)


def test_a_webhook_with_fewer_due_than_requested_has_no_more() -> None:
    queue = backlog(("o", "a", NOW), ("o", "b", NOW))
    queue.claimed([("a", 32), ("b", 32)], Counter(a=32, b=31))
    assert chosen(queue) == {"a": 32}
    queue.learn([("o", "b", NOW)], CLOCK)
    assert chosen(queue) == {"b": 32}


def test_a_skipped_webhook_stays_skipped_when_the_backlog_is_reread() -> None:
    queue = backlog(("o", "a", NOW))
    queue.skip("a", CLOCK + 1)
    queue.learn([("o", "a", NOW)], CLOCK)
    assert not queue.has_work(CLOCK, NOW)


def test_a_locked_webhook_is_retried_with_backoff() -> None:
    queue = backlog(("o", "gone", NOW))
    waits = []
    for _ in range(20):
        queue.skip_locked("gone", CLOCK)
        waits.append(queue.until_work(CLOCK, NOW))
    assert waits[:5] == [pytest.approx(LOCKED_SECONDS)] * 5
    assert 0.5 < (waits[-1] or 0) < 1.0


def test_the_backlog_is_reread_seldom_with_work_and_often_without() -> None:
    busy, idle = backlog(("o", "a", NOW)), backlog()
    assert not busy.is_stale(CLOCK + 0.1, NOW, idle=False, every=0.005)
    assert busy.is_stale(CLOCK + REFRESH_SECONDS, NOW, idle=False, every=0.005)
    assert idle.is_stale(CLOCK + 0.01, NOW, idle=True, every=0.005)


def test_a_longer_backlog_is_reread_less_often() -> None:
    queue = backlog(*(("o", f"w{number}", NOW + 1) for number in range(5_000)))
    assert not queue.is_stale(CLOCK + 0.4, NOW, idle=True, every=0.005)
    assert queue.is_stale(CLOCK + 0.51, NOW, idle=True, every=0.005)


def test_a_named_webhook_can_be_claimed_from_without_a_read() -> None:
    queue = backlog(("o", "later", NOW + 1000))
    queue.add([("o", "new"), ("o", "later")], CLOCK, NOW)
    assert chosen(queue) == {"new": 32, "later": 32}


def test_a_named_webhook_of_another_worker_is_left_to_it() -> None:
    shards = Shards("this")
    shards.note("other", CLOCK, is_awake=True)
    queue = Backlog(shards)
    webhooks = [f"webhook {number}" for number in range(40)]
    queue.add([("o", webhook_id) for webhook_id in webhooks], CLOCK, NOW)
    own = {webhook_id for webhook_id in webhooks if shards.is_own(webhook_id, CLOCK)}
    assert set(chosen(queue)) == own
    assert 0 < len(own) < len(webhooks)


def test_what_another_worker_has_not_taken_in_time_is_taken() -> None:
    shards = Shards("this")
    shards.note("other", CLOCK, is_awake=True)
    queue = Backlog(shards)
    foreign = next(f"w{n}" for n in range(99) if not shards.is_own(f"w{n}", CLOCK))
    queue.learn([("o", foreign, NOW - 5)], CLOCK)
    assert queue.until_work(CLOCK, NOW) == pytest.approx((GRACE_MS - 5) / 1000)
    assert queue.has_work(CLOCK, NOW + GRACE_MS - 5)


def test_a_webhook_that_becomes_this_workers_is_not_left_to_its_former_one() -> None:
    shards = Shards("this")
    shards.note("other", CLOCK, is_awake=True)
    queue = Backlog(shards)
    foreign = next(f"w{n}" for n in range(99) if not shards.is_own(f"w{n}", CLOCK))
    queue.learn([("o", foreign, NOW + 3_600_000)], CLOCK)
    shards.note("other", CLOCK, is_awake=False)
    queue.add([("o", foreign)], CLOCK, NOW)
    assert queue.has_work(CLOCK, NOW)
    queue.learn([("o", foreign, NOW)], CLOCK)
    assert queue.has_work(CLOCK, NOW)


def test_a_named_webhook_of_another_worker_in_the_list_waits_for_the_grace_only() -> None:
    shards = Shards("this")
    shards.note("other", CLOCK, is_awake=True)
    queue = Backlog(shards)
    foreign = next(f"w{n}" for n in range(99) if not shards.is_own(f"w{n}", CLOCK))
    queue.learn([("o", foreign, NOW + 3_600_000)], CLOCK)
    queue.add([("o", foreign)], CLOCK, NOW)
    assert queue.until_work(CLOCK, NOW) == pytest.approx(GRACE_MS / 1000)
    assert queue.has_due(foreign, NOW + GRACE_MS)
    assert not queue.has_due(foreign, NOW)
