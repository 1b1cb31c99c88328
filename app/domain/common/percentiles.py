"""Percentiles of durations that were counted by bucket."""

from collections.abc import Mapping

from app.domain.deliveries.tallies import millis_of


def percentile(buckets: Mapping[int, int], share: float) -> float | None:
    """Milliseconds within which `share` (0 to 1) of all ended; None: there were none. buckets:
    how many in each of domain.tallies, and so right to 9 %."""
    total = sum(buckets.values())
    seen = 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= share * total and seen:
            return millis_of(bucket)
    return None
