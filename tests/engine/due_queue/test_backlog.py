"""Who is asked for deliveries next."""

from collections import Counter
from typing import Any

import pytest

from app.engine.due_queue.backlog import FULL_SECONDS, LOCKED_SECONDS, REFRESH_SECONDS, Backlog

NOW, CLOCK = 1_700_000_000_000, 50.0


def backlog(*rows: tuple[str, str, int]) -> Backlog:
    made = Backlog()
    made.learn(rows, CLOCK)
    return made


def chosen(made: Backlog, slots: int = 100, clock: float = CLOCK, **more: Any) -> dict[str, int]:
    given = {"room_of": lambda _: 32, "organizations": {}} | more
    return dict(made.choose(slots, clock, NOW, **given))


def test_only_what_is_due_is_asked_for() -> None:
    made = backlog(("o", "now", NOW), ("o", "later", NOW + 1))
    assert chosen(made) == {"now": 32}
    assert made.has_work(CLOCK, NOW)
    assert made.until_work(CLOCK, NOW) == 0.0


@pytest.mark.parametrize(
    ("rows", "expected"), [([], None), ([("o", "a", NOW + 250), ("o", "b", NOW + 900)], 0.25)]
)
def test_it_knows_how_long_there_is_nothing_to_do(rows: Any, expected: float | None) -> None:
    made = backlog(*rows)
    assert made.until_work(CLOCK, NOW) == expected
    assert not made.has_work(CLOCK, NOW)


def test_a_webhook_without_room_is_let_alone_until_one_of_its_own_ends() -> None:
    made = backlog(("o", "full", NOW), ("o", "fine", NOW))
    assert chosen(made, room_of=lambda one: 0 if one == "full" else 5) == {"fine": 5}
    assert chosen(made) == {"fine": 32}
    made.freed("full")
    assert chosen(made) == {"fine": 32, "full": 32}


def test_nothing_is_work_while_all_that_is_due_is_let_alone() -> None:
    made = backlog(("o", "full", NOW))
    chosen(made, room_of=lambda _: 0)
    assert not made.has_work(CLOCK, NOW)
    assert made.until_work(CLOCK, NOW) == pytest.approx(FULL_SECONDS)
    assert made.has_work(CLOCK + FULL_SECONDS, NOW)


def test_an_organization_that_has_its_part_is_let_alone() -> None:
    made = backlog(("flood", "f", NOW), ("small", "s", NOW))
    assert chosen(made, organizations={"flood": 0}) == {"s": 32}
    made.claimed([("s", 32)], Counter())
    assert not made.has_work(CLOCK, NOW)


def test_a_webhook_that_gave_less_than_asked_has_no_more() -> None:
    made = backlog(("o", "a", NOW), ("o", "b", NOW))
    made.claimed([("a", 32), ("b", 32)], Counter(a=32, b=31))
    assert chosen(made) == {"a": 32}
    made.learn([("o", "b", NOW)], CLOCK)
    assert chosen(made) == {"b": 32}


def test_what_is_let_alone_stays_so_when_the_list_is_read_again() -> None:
    made = backlog(("o", "a", NOW))
    made.skip("a", CLOCK + 1)
    made.learn([("o", "a", NOW)], CLOCK)
    assert not made.has_work(CLOCK, NOW)


def test_a_state_that_is_never_to_be_had_is_asked_for_ever_more_seldom() -> None:
    made = backlog(("o", "gone", NOW))
    waits = []
    for _ in range(20):
        made.skip_locked("gone", CLOCK)
        waits.append(made.until_work(CLOCK, NOW))
    assert waits[:5] == [pytest.approx(LOCKED_SECONDS)] * 5
    assert 0.5 < (waits[-1] or 0) < 1.0


def test_the_list_is_read_seldom_while_there_is_work_and_often_while_there_is_none() -> None:
    busy, idle = backlog(("o", "a", NOW)), backlog()
    assert not busy.is_stale(CLOCK + 0.1, NOW, idle=False)
    assert busy.is_stale(CLOCK + REFRESH_SECONDS, NOW, idle=False)
    assert idle.is_stale(CLOCK + 0.01, NOW, idle=True)


def test_a_longer_list_is_read_more_seldom() -> None:
    made = backlog(*(("o", f"w{number}", NOW + 1) for number in range(5_000)))
    assert not made.is_stale(CLOCK + 0.4, NOW, idle=True)
    assert made.is_stale(CLOCK + 0.51, NOW, idle=True)
