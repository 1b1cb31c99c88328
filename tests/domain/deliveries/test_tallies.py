"""Sums of what happened, and the buckets of durations."""

import pytest

from app.domain.deliveries.tallies import Tallies, bucket_of, millis_of, minute_of


def test_counts_with_the_same_key_become_one_delta():
    tallies = Tallies()
    tallies.add("o", "w", "attempts")
    tallies.add("o", "w", "attempts", 2)
    tallies.add("o", None, "events")
    tallies.add("o", "w", "resent")
    tallies.add("o", "w", "resent", -1)
    assert sorted(tallies.deltas(), key=str) == [
        ("o", "w", "attempts", 3),
        ("o", None, "events", 1),
    ]


def test_a_minute_is_identified_by_its_start():
    assert minute_of(1_700_000_059_999) == 1_700_000_040_000
    assert minute_of(1_700_000_040_000) == 1_700_000_040_000


@pytest.mark.parametrize("micros", [100, 150, 1_000, 12_345, 1_000_000, 59_000_000])
def test_a_bucket_is_accurate_to_a_tenth(micros):
    assert millis_of(bucket_of(micros)) * 1000 == pytest.approx(micros, rel=0.1)


def test_times_up_to_a_tenth_of_a_millisecond_share_a_bucket():
    assert bucket_of(0) == bucket_of(1) == bucket_of(100) == 0
