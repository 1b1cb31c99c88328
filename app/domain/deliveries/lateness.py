"""Which attempts are found by the time of their delivery, and which need an index of their own.

Nearly all attempts begin soon after their delivery was created, whose id holds that time: no index
of attempts by time is needed for them, which would slow down their recording
(docs/decisions/0030)."""

from app.domain.common.ids import ms_of

# Milliseconds from the creation of the delivery to the start of an attempt that is found by it.
# Less than 0 if the worker's clock is behind.
SOONEST_MS, LATEST_MS = -60_000, 300_000


def late_at(started_at: int, delivery_id: str) -> int | None:
    """`started_at` of an attempt that is not found by the time of its delivery, else None."""
    waited = started_at - ms_of(delivery_id)
    return None if SOONEST_MS <= waited <= LATEST_MS else started_at
