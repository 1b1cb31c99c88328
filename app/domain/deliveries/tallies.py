"""Counters of deliveries and attempts, so that charts do not have to read their rows.

A delta is [organization id, webhook id or None, metric, number]. Metrics:
`events` (no webhook), `deliveries` (created), `attempts`; `succeeded`, `failed`, `cancelled`,
`skipped` (deliveries by final state), `retrying` (failed attempts with a retry),
`resent` (ended deliveries that were resent);
`status:<code>` and `cause:<cause>` (attempts), `type:<event type>` (attempts) and
`failed_type:<event type>` (failed attempts); `ms:<n>` (attempts with a response, by the bucket of
the response time, see `bucket_of`).
"""

import math
from collections import Counter

Delta = tuple[str, str | None, str, int]
MINUTE_MS = 60_000
# Buckets per doubling of the duration, which keeps percentiles accurate to 9 %.
_STEPS = 4


class Tallies:
    """Sums up deltas: `add(...)`, then `deltas()`."""

    __slots__ = ("_sums",)

    def __init__(self) -> None:
        self._sums: Counter[tuple[str, str | None, str]] = Counter()

    def add(self, organization_id: str, webhook_id: str | None, metric: str, n: int = 1) -> None:
        self._sums[organization_id, webhook_id, metric] += n

    def deltas(self) -> list[Delta]:
        return [(*key, n) for key, n in self._sums.items() if n]


def minute_of(ms: int) -> int:
    """Return the start of the minute."""
    return ms - ms % MINUTE_MS


def bucket_of(micros: int) -> int:
    """Return the bucket of a duration in microseconds; all below 0.1 ms share one."""
    return max(0, round(math.log2(max(micros, 100) / 100) * _STEPS))


def millis_of(bucket: int) -> float:
    """Return the duration in the middle of a bucket, in milliseconds."""
    return float(2 ** (bucket / _STEPS) / 10)
