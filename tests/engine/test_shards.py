"""Which worker takes which webhook."""

from collections import Counter

import pytest

from app.engine.shards import SILENT_SECONDS, Shards

CLOCK = 50.0
WEBHOOKS = [f"019a0000-0000-7000-8000-{number:012x}" for number in range(600)]


def workers(count: int) -> list[Shards]:
    names = [f"019b0000-0000-7000-8000-{number:012x}" for number in range(count)]
    all_ = [Shards(name) for name in names]
    for shards in all_:
        for name in names:
            shards.note(name, CLOCK, is_awake=True)
    return all_


def owners(all_: list[Shards], clock: float = CLOCK) -> dict[str, list[str]]:
    return {
        webhook_id: [shards.own_name for shards in all_ if shards.is_own(webhook_id, clock)]
        for webhook_id in WEBHOOKS
    }


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_each_webhook_belongs_to_one_of_the_workers_that_are_awake(count: int) -> None:
    belongs = owners(workers(count))
    assert all(len(names) == 1 for names in belongs.values())
    shares = Counter(names[0] for names in belongs.values())
    assert len(shares) == count
    assert min(shares.values()) > len(WEBHOOKS) / count / 2
    assert max(shares.values()) < len(WEBHOOKS) / count * 1.5 + count


def test_when_a_worker_falls_asleep_only_its_webhooks_change_hands() -> None:
    first, *others = workers(3)
    before = owners([first, *others])
    for shards in others:
        shards.note(first.own_name, CLOCK, is_awake=False)
    after = owners(others)
    kept = [w for w in WEBHOOKS if before[w] != [first.own_name]]
    assert all(after[webhook_id] == before[webhook_id] for webhook_id in kept)
    assert all(len(names) == 1 for names in after.values())


def test_a_worker_that_is_not_heard_of_any_more_loses_its_webhooks() -> None:
    first, _other = workers(2)
    assert not all(first.is_own(webhook_id, CLOCK) for webhook_id in WEBHOOKS)
    assert all(first.is_own(webhook_id, CLOCK + SILENT_SECONDS) for webhook_id in WEBHOOKS)
