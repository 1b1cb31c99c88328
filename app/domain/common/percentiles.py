"""Percentiles of durations that are counted in buckets."""

from collections.abc import Mapping

from app.domain.deliveries.tallies import millis_of


def percentile(buckets: Mapping[int, int], share: float) -> float | None:
    """Return the duration in milliseconds, accurate to 9 %, or None if nothing was counted.

    buckets: counts by bucket of domain.deliveries.tallies. share: 0 to 1.
    """
    total = sum(buckets.values())
    cumulative = 0
    for bucket in sorted(buckets):
        cumulative += buckets[bucket]
        if cumulative >= share * total and cumulative:
            return millis_of(bucket)
    return None
