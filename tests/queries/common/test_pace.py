"""How many rows the steps of a search examine, by the time that those before took."""

import pytest

from app.queries.common.pace import FIRST, FIRST_SECONDS, LEAST, MOST, NEXT_SECONDS, Pace


class Clock:
    """In microseconds."""

    def __init__(self) -> None:
        self.us = 0

    def __call__(self) -> float:
        return self.us / 1e6


def steps(us_per_row: int, *, is_first: bool = True) -> tuple[list[int], float]:
    """The steps of a page whose rows take so long, and the seconds at its end."""
    clock, sizes = Clock(), []
    for size in Pace.starting(is_first=is_first, clock=clock).steps():
        sizes.append(size)
        clock.us += size * us_per_row
    return sizes, clock()


@pytest.mark.parametrize(
    ("us_per_row", "examined"),
    [
        (1, [500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000, 2_500]),
        (10, [500, 1_000, 1_500]),
        (20, [500, 1_000]),
        (30, [500, 500]),
        (50, [500]),
        (1_000, [500]),
    ],
)
def test_steps_grow_until_the_time_is_over(us_per_row: int, examined: list[int]) -> None:
    assert steps(us_per_row)[0] == pytest.approx(examined, abs=1)


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("us_per_row", [0, 1, 3, 10, 30])
def test_steps_at_an_even_rate_end_in_time(us_per_row: int, is_first: bool) -> None:
    clock, total = Clock(), 0
    for size in Pace.starting(is_first=is_first, clock=clock).steps():
        assert LEAST <= size <= MOST
        total += size
        # As if there were no more rows.
        if total > 1_000_000:
            break
        clock.us += size * us_per_row
    assert clock() <= (FIRST_SECONDS if is_first else NEXT_SECONDS)


def test_a_step_that_takes_longer_than_all_is_the_last() -> None:
    clock = Clock()
    pace = Pace.starting(is_first=True, clock=clock)
    for size in pace.steps():
        assert size == FIRST
        assert not pace.is_over
        clock.us += 10_000_000
    assert pace.is_over


def test_pages_that_go_on_take_longer() -> None:
    assert sum(steps(1, is_first=False)[0]) > sum(steps(1)[0])
