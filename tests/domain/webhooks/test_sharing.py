"""Who gets how many of the free slots."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.webhooks.sharing import share, share_fairly


@pytest.mark.parametrize(
    ("capacities", "total", "expected"),
    [
        ({"a": 5, "b": 5}, 10, {"a": 5, "b": 5}),
        ({"a": 100, "b": 2}, 10, {"a": 8, "b": 2}),
        ({"a": 100, "b": 100, "c": 100}, 10, {"a": 4, "b": 3, "c": 3}),
        ({"a": 100, "b": 100}, 1, {"a": 1}),
        ({"a": 0, "b": 3}, 10, {"b": 3}),
        ({"a": -4, "b": 3}, 10, {"b": 3}),
        ({"a": 3}, 0, {}),
        ({}, 10, {}),
    ],
)
def test_shares_are_as_even_as_capacities_allow(capacities, total, expected):
    assert share(capacities, total) == expected


@given(st.dictionaries(st.integers(), st.integers(-2, 50), max_size=8), st.integers(0, 200))
def test_everything_is_shared_and_no_share_exceeds_its_capacity(capacities, total):
    shares = share(capacities, total)
    able = {key: most for key, most in capacities.items() if most > 0}
    assert sum(shares.values()) == min(total, sum(able.values()))
    assert all(0 < number <= able[key] for key, number in shares.items())
    short = [number for key, number in shares.items() if number < able[key]]
    short += [0 for key in able if key not in shares]
    # Whoever did not get all it wanted has as much as the others, but for one.
    assert not short or max(shares.values(), default=0) <= min(short) + 1


def test_organizations_get_equal_shares_whatever_number_of_webhooks_they_have():
    wanted = [("flood", f"f{n}", 32) for n in range(30)] + [("small", "s", 32)]
    shares = share_fairly(wanted, {}, 60)
    assert shares["s"] == 30
    assert sum(shares.values()) == 60


def test_an_organization_gets_no_more_than_its_remaining_capacity():
    wanted = [("flood", "f1", 32), ("flood", "f2", 32), ("small", "s", 4)]
    assert share_fairly(wanted, {"flood": 10}, 100) == {"f1": 5, "f2": 5, "s": 4}
    assert share_fairly(wanted, {"flood": 0}, 100) == {"s": 4}
