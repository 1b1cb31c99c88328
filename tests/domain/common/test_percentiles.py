import pytest

from app.domain.common.percentiles import percentile
from app.domain.deliveries.tallies import bucket_of


def buckets(*millis: float) -> dict[int, int]:
    counts: dict[int, int] = {}
    for duration in millis:
        bucket = bucket_of(int(duration * 1000))
        counts[bucket] = counts.get(bucket, 0) + 1
    return counts


def test_no_values_have_no_percentile() -> None:
    assert percentile({}, 0.5) is None


@pytest.mark.parametrize(("share", "about"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_accurate_to_nine_percent(share: float, about: float) -> None:
    value = percentile(buckets(*range(1, 101)), share)
    assert value == pytest.approx(about, rel=0.1)


def test_one_slow_response_in_a_hundred_does_not_change_the_median() -> None:
    durations = buckets(*[20] * 99, 9_000)
    assert percentile(durations, 0.5) == pytest.approx(20, rel=0.1)
    assert percentile(durations, 0.999) == pytest.approx(9_000, rel=0.1)
