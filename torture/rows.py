"""Verify the rows of the database by themselves. No I/O."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Snapshot:
    """Rows at the end, when nothing is due any more.

    deliveries: (id, event id, webhook id, state, attempts). attempts: (delivery id, number, cause).
    due: (delivery id, claimed_by). workers: ids. in_flight: by webhook. counted: attempts according
    to the counters. is_intact: what the database says of itself.
    """

    deliveries: Sequence[tuple[str, str, str, str, int]] = ()
    attempts: Sequence[tuple[str, int, str]] = ()
    due: Sequence[tuple[str, int | None]] = ()
    workers: Sequence[int] = ()
    in_flight: dict[str, int] = field(default_factory=dict)
    counted: int | None = None
    is_intact: bool = True


def open_rows(snapshot: Snapshot) -> list[str]:
    """No open delivery without a row in the due queue, no claim of nobody, nothing in flight."""
    queued = {delivery_id for delivery_id, _ in snapshot.due}
    wrong = [
        f"stuck: delivery {row[0]} is {row[3]} and not in the due queue"
        for row in snapshot.deliveries
        if row[3] in ("pending", "retrying") and row[0] not in queued
    ]
    wrong += [f"stuck: delivery {delivery_id} is still in the due queue" for delivery_id in queued]
    wrong += [
        f"claims: delivery {delivery_id} is claimed by worker {worker}, which does not exist"
        for delivery_id, worker in snapshot.due
        if worker is not None and worker not in snapshot.workers
    ]
    wrong += [
        f"in flight: webhook {webhook_id} has {number}"
        for webhook_id, number in snapshot.in_flight.items()
        if number
    ]
    return wrong


def attempts(snapshot: Snapshot) -> list[str]:
    """Every final state has its attempts; the counters count them."""
    numbers: dict[str, list[int]] = defaultdict(list)
    causes: dict[str, str] = {}
    for delivery_id, number, cause in sorted(snapshot.attempts, key=lambda row: (row[0], row[1])):
        numbers[delivery_id].append(number)
        causes[delivery_id] = cause
    wrong = []
    for delivery_id, _, _, state, counted in snapshot.deliveries:
        own = numbers.get(delivery_id, [])
        if own != list(range(1, len(own) + 1)) or counted != len(own):
            wrong.append(f"attempts: delivery {delivery_id} has {own}, and counts {counted}")
        elif state == "succeeded" and causes.get(delivery_id) != "ok":
            wrong.append(f"attempts: delivery {delivery_id} succeeded without a successful one")
        elif state == "failed" and not own:
            wrong.append(f"attempts: delivery {delivery_id} failed without one")
    if snapshot.counted is not None and snapshot.counted != len(snapshot.attempts):
        number = len(snapshot.attempts)
        wrong.append(f"counters: {snapshot.counted} attempts counted, {number} recorded")
    if not snapshot.is_intact:
        wrong.append("database: its own check found damage")
    return wrong
