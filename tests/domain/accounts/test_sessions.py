import pytest

from app.domain.accounts.sessions import DAY_MS, HOUR_MS, is_alive

START = 1_700_000_000_000


@pytest.mark.parametrize(
    ("age", "idle", "remembered", "alive"),
    [
        (0, 0, False, True),
        (HOUR_MS, 12 * HOUR_MS - 1, False, True),
        (13 * HOUR_MS, 12 * HOUR_MS, False, False),
        (7 * DAY_MS - 1, 0, False, True),
        (7 * DAY_MS, 0, False, False),
        (29 * DAY_MS, 29 * DAY_MS, True, True),
        (30 * DAY_MS, 0, True, False),
    ],
)
def test_a_session_ends_after_its_idle_time_and_its_lifetime(
    age: int, idle: int, *, remembered: bool, alive: bool
) -> None:
    now = START + age
    assert is_alive(START, now - idle, now, remembered=remembered) is alive
