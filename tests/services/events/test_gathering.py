import pytest

from app.services.events.gathering import GATHER_SECONDS, Gathering


@pytest.mark.parametrize(
    ("last_size", "since", "waiting", "pauses"),
    [
        (16, 0.0, 3, [GATHER_SECONDS]),
        (16, 0.0, 16, []),
        (16, 0.0, 40, []),
        (16, 0.01, 3, []),
        (2, 0.001, 1, [GATHER_SECONDS]),
        (1, 0.0, 1, []),
    ],
)
def test_a_group_waits_once_if_it_follows_a_larger_one_at_once(
    last_size: int, since: float, waiting: int, pauses: list[float]
) -> None:
    paused: list[float] = []
    gathering = Gathering(paused.append)
    gathering.ended(last_size, 100.0)
    gathering.gather(waiting, 100.0 + since)
    assert paused == pauses


def test_the_first_group_does_not_wait() -> None:
    paused: list[float] = []
    Gathering(paused.append).gather(1, 100.0)
    assert paused == []
