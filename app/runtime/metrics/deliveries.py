"""What a delivery worker does, for Prometheus. No label names a tenant.

Values are added once per batch of results: with one file of values per process, each change of a
value costs about a microsecond.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from prometheus_client import Counter, Gauge, Histogram

from app.runtime.metrics.commits import by_worker
from app.runtime.metrics.requests import REGISTRY

# Seconds. The longest timeout of a webhook is 60.
ATTEMPT_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60)
LATENCY_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30, 60, 600, 3600, 21600, 86400)


class BatchHistogram(Histogram):
    """A histogram to which many values can be added at once."""

    def observe_all(self, values: Iterable[float]) -> None:
        counts: dict[int, int] = {}
        total = 0.0
        for value in values:
            bucket = bisect_left(self._upper_bounds, value)
            counts[bucket] = counts.get(bucket, 0) + 1
            total += value
        if counts:
            self._sum.inc(total)
        for bucket, number in counts.items():
            self._buckets[bucket].inc(number)


_attempts = Counter(
    "callboard_attempts_total",
    "Attempts recorded, by outcome (succeeded, failed) and failure reason.",
    ["outcome", "cause"],
    registry=REGISTRY,
)
_attempt_seconds = BatchHistogram(
    "callboard_attempt_duration_seconds",
    "From the start of an attempt, name look-up included, to the last byte of its response.",
    buckets=ATTEMPT_SECONDS,
    registry=REGISTRY,
)
_latency = BatchHistogram(
    "callboard_delivery_latency_seconds",
    "From the acceptance of an event to its delivery, by whether it took one attempt or more."
    " Resent deliveries are not counted.",
    ["attempts"],
    buckets=LATENCY_SECONDS,
    registry=REGISTRY,
)
_in_flight = Gauge(
    "callboard_in_flight",
    "Requests to receivers that are under way.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
_claims = Counter("callboard_claims_total", "Deliveries claimed from the queue.", registry=REGISTRY)
_first, _retried = _latency.labels("first"), _latency.labels("more")
# `labels()` is slow: called once per combination.
_by_cause: dict[tuple[str, str], Counter] = {}


def count_attempts(counts: Iterable[tuple[tuple[str, str], int]]) -> None:
    """counts: ((outcome, failure reason), number)"""
    for key, number in counts:
        child = _by_cause.get(key)
        if child is None:
            child = _by_cause[key] = _attempts.labels(*key)
        child.inc(number)


def observe_attempts(
    durations: Sequence[float], first: Sequence[float], retried: Sequence[float]
) -> None:
    """Seconds: of each attempt; and from acceptance to delivery, of deliveries that succeeded with
    the first attempt and of the others."""
    _attempt_seconds.observe_all(durations)
    _first.observe_all(first)
    _retried.observe_all(retried)


def count_exchange(claims: int, seconds: float) -> None:
    """A transaction of the worker with the due queue."""
    if claims:
        _claims.inc(claims)
    by_worker.observe(seconds)


def set_in_flight(number: int) -> None:
    _in_flight.set(number)
