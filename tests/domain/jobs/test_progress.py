import pytest

from app.domain.jobs.progress import progress


def of(counts, done, to_do=0, elapsed=10.0, *, cancelling=False):
    return progress(counts, done, to_do, elapsed, is_cancelling=cancelling)


def test_deliveries_are_counted_by_what_became_of_them():
    counts = [
        ("succeeded", True, 4),
        ("failed", True, 3),
        ("pending", True, 2),
        ("retrying", True, 1),
        ("pending", False, 5),
        ("cancelled", True, 1),
    ]
    result = of(counts, 20)
    assert (result.succeeded, result.failed, result.waiting, result.on_hold) == (4, 3, 3, 5)
    assert (result.cancelled, result.elsewhere, result.is_moving) == (1, 4, True)


@pytest.mark.parametrize(
    ("counts", "done", "to_do", "elapsed", "left"),
    [
        # 5 ended in 10 s; 15 are waiting.
        ([("succeeded", True, 5), ("pending", True, 15)], 20, 0, 10.0, 30.0),
        # As many again are still to be queued.
        ([("succeeded", True, 5), ("pending", True, 15)], 20, 20, 10.0, 70.0),
        ([("pending", True, 15)], 15, 0, 10.0, None),
        ([("succeeded", True, 15)], 15, 0, 10.0, None),
        ([("succeeded", True, 5), ("pending", True, 15)], 20, None, 10.0, None),
        ([("succeeded", True, 5), ("pending", False, 15)], 20, 0, 10.0, None),
        ([("succeeded", True, 5), ("pending", True, 15)], 20, 0, -3.0, None),
    ],
)
def test_the_time_left_follows_from_the_rate(counts, done, to_do, elapsed, left):
    assert of(counts, done, to_do, elapsed).seconds_left == left


def test_a_cancellation_is_estimated_by_what_it_has_cancelled():
    result = of([("cancelled", True, 50)], 50, 100, 5.0, cancelling=True)
    assert result.seconds_left == 10.0
