"""A webhook's window, its room and its rate."""

import math

import pytest

from app.domain.webhooks.throttling import (
    is_overload,
    next_window,
    rate_allows,
    rate_spent,
    rate_wait,
    room,
)

NOW = 1_700_000_000_000_000


@pytest.mark.parametrize(
    ("cause", "status", "expected"),
    [
        ("ok", 200, False),
        ("timeout_wait", None, True),
        ("timeout_connect", None, True),
        ("refused", None, True),
        ("reset", None, True),
        ("dns", None, True),
        ("status", 429, True),
        ("status", 503, True),
        ("status", 500, False),
        ("status", 404, False),
        ("gone", 410, False),
        ("unrenderable", None, False),
    ],
)
def test_only_signs_of_overload_throttle_a_webhook(cause, status, expected):
    assert is_overload(cause, status) is expected


@pytest.mark.parametrize(
    ("window", "in_flight", "successes", "overloads", "expected"),
    [
        # Untroubled: no window.
        (None, 32, 10, 0, None),
        # The first trouble halves what was really going, however many failed together.
        (None, 32, 0, 1, 16.0),
        (None, 32, 0, 32, 16.0),
        (None, 4, 0, 1, 2.0),
        (16.0, 16, 5, 1, 8.0),
        # Never below one.
        (1.0, 1, 0, 1, 1.0),
        (None, 1, 0, 1, 1.0),
        (1.5, 1, 0, 3, 1.0),
        # A full window of successes opens it by one, or nearly.
        (1.0, 1, 1, 0, 2.0),
        (2.0, 2, 2, 0, 2.9),
        (31.99, 31, 1, 0, None),
    ],
)
def test_the_window_halves_on_overload_and_grows_by_one(
    window, in_flight, successes, overloads, expected
):
    changed = next_window(window, 32, in_flight, successes, overloads)
    assert changed == pytest.approx(expected)


def test_throttling_ends_after_enough_successes():
    window, number = next_window(1.0, 32, 1, 0, 1), 0
    while window is not None:
        window, number = next_window(window, 32, 1, 1, 0), number + 1
    assert 400 < number < 600


@pytest.mark.parametrize(
    ("limit", "window", "in_flight", "expected"),
    [
        (32, None, 0, 32),
        (32, None, 40, 0),
        (32, 1.0, 0, 1),
        (32, 1.99, 1, 0),
        (32, 5.5, 2, 3),
        (2, 5.5, 0, 2),
    ],
)
def test_room_is_what_the_limit_and_the_window_leave(limit, window, in_flight, expected):
    assert room(limit, window, in_flight) == expected


@pytest.mark.parametrize(
    ("rate", "at_once"), [(0.5, 1), (1, 1), (10, 1), (20, 1), (40, 2), (100, 5), (1000, 50)]
)
def test_a_rate_allows_a_burst_of_a_twentieth_of_a_second(rate, at_once):
    assert rate_allows(0, rate, NOW) == at_once
    spent = rate_spent(0, rate, NOW, at_once)
    assert rate_allows(spent, rate, NOW) == 0


@pytest.mark.parametrize("rate", [0.5, 1, 3, 7, 100, 333])
def test_a_rate_holds_however_often_it_is_checked(rate):
    tat, sent, clock = 0, 0, NOW
    while clock < NOW + 10_000_000:
        number = rate_allows(tat, rate, clock)
        if number:
            tat, sent = rate_spent(tat, rate, clock, number), sent + number
        wait = rate_wait(tat, rate, clock)
        assert wait > 0
        clock += math.ceil(wait * 1_000_000)
        assert rate_allows(tat, rate, clock) >= 1
    assert rate * 10 - 1 <= sent <= rate * 10 * 1.01 + max(1, rate / 20)


def test_an_unused_rate_does_not_accumulate():
    assert rate_allows(NOW - 3_600_000_000, 100, NOW) == rate_allows(NOW, 100, NOW)


@pytest.mark.parametrize(("ahead", "at_once"), [(5_000_000, 0), (3_600_000_000, 5)])
def test_a_clock_set_back_by_an_hour_blocks_nothing(ahead, at_once):
    assert rate_allows(NOW + ahead, 100, NOW) == at_once
    assert (rate_wait(NOW + ahead, 100, NOW) > 0) == (at_once == 0)


def test_a_raised_rate_applies_immediately():
    spent = rate_spent(0, 0.01, NOW, 1)
    assert rate_allows(spent, 0.01, NOW + 1_000_000) == 0
    assert rate_allows(spent, 10, NOW + 1_000_000) == 1
