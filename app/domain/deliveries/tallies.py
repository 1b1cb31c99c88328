"""What is counted of deliveries and attempts, so that a chart costs the same with a million rows.

A delta is [organization id, webhook id or None, metric, number]. Metrics:
`events` (no webhook), `deliveries` (made), `attempts`; `succeeded`, `failed`, `cancelled`,
`skipped` (deliveries that ended so), `retrying` (attempts that failed and are tried again),
`resent` (deliveries that had ended and that a person had sent again);
`status:<code>` and `cause:<cause>` (attempts), `type:<event type>` (attempts) and
`failed_type:<event type>` (attempts that failed); `ms:<n>` (attempts that got an answer, by the
bucket of the receiver's time to answer, see `bucket_of`).
"""

import math
from collections import Counter

Delta = tuple[str, str | None, str, int]
MINUTE_MS = 60_000
# Buckets to a doubling of the duration: a percentile is off by 9 % at most.
_STEPS = 4


class Tallies:
    """Gathers deltas: `add(...)`, then `deltas()`."""

    __slots__ = ("_sums",)

    def __init__(self) -> None:
        self._sums: Counter[tuple[str, str | None, str]] = Counter()

    def add(self, organization_id: str, webhook_id: str | None, metric: str, n: int = 1) -> None:
        self._sums[organization_id, webhook_id, metric] += n

    def deltas(self) -> list[Delta]:
        return [(*key, n) for key, n in self._sums.items() if n]


def minute_of(ms: int) -> int:
    """The start of its minute."""
    return ms - ms % MINUTE_MS


def bucket_of(micros: int) -> int:
    """The bucket of a duration in microseconds; durations below 0.1 ms are alike."""
    return max(0, round(math.log2(max(micros, 100) / 100) * _STEPS))


def millis_of(bucket: int) -> float:
    """The duration in milliseconds in the middle of a bucket."""
    return float(2 ** (bucket / _STEPS) / 10)
