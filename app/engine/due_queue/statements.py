"""The interface of the due queue; `postgresql` and `sqlite` implement it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

# (id, claimed_by, attempt): the fence. A row is only changed while all three still match.
Fenced = tuple[int, int, int]
# A fence, next_at and the delay that led to it (ms).
Retry = tuple[int, int, int, int, int]
# The columns of `deliveries` that an attempt changes: id, state, attempts, last_status, last_cause,
# updated_at.
Settled = tuple[str, str, int, int | None, str, int]
# Of `due`: id, delivery_id, organization_id, webhook_id, event_id, attempt, run_start,
# ordering_key, bytes.
DueRow = tuple[int, str, str, str, str, int, int, str | None, int]


class DamagedRow(Exception):
    """A value of the due queue is not a number."""


@dataclass(slots=True)
class State:
    """A locked row of webhook_states, with version and is_active of the webhook's row."""

    webhook_id: str
    in_flight: int
    window: float | None
    tat: int
    last_success_at: int | None
    last_failure_at: int | None
    last_failure_cause: str | None
    failing_since: int | None
    consecutive_failures: int
    told_failing_at: int | None
    version: int
    is_active: bool


# Of `events`: id, type, source, occurred_at, payload; and traceparent while traces are on.
EventRow = (
    tuple[str, str, str | None, int, bytes] | tuple[str, str, str | None, int, bytes, str | None]
)


class DueQueue(Protocol):
    def heartbeat(
        self, connection: Connection, worker_id: int, name: str, now: int
    ) -> Callable[[], bool]:
        """Increment the heartbeat in the worker's row, and lock the row; False if it is gone. Asked
        late, the answer costs no round trip of its own.

        name: SQLite gives the id of a registration that was rolled back to the next worker."""

    def events(self, connection: Connection, ids: Collection[str]) -> list[EventRow]:
        """The events that still have their payload."""

    def ready(self, connection: Connection) -> list[tuple[str, str, int]]:
        """Each active webhook with unclaimed deliveries: (organization, webhook, earliest next_at).
        Costs one index step per webhook, however many deliveries it has."""

    def states(
        self, connection: Connection, webhook_ids: Collection[str], *, wait: bool
    ) -> list[State]:
        """Lock and read state rows. wait: False skips rows that another worker has locked."""

    def claim(
        self, connection: Connection, worker_id: int, limits: Sequence[tuple[str, int]], now: int
    ) -> list[DueRow]:
        """Claim due rows, earliest first. limits: webhook ids with the maximum for each."""

    def finish(
        self, connection: Connection, rows: Sequence[Fenced]
    ) -> list[tuple[int, str, str | None]]:
        """Delete rows; (id, webhook id, ordering key) of those whose fence still matched."""

    def reschedule(self, connection: Connection, rows: Sequence[Retry]) -> set[int]:
        """Release rows for a retry; ids of those that still matched."""

    def release(self, connection: Connection, rows: Sequence[Fenced]) -> set[int]:
        """Release rows as if they had not been claimed; ids of those that still matched."""

    def save_states(self, connection: Connection, states: Sequence[State]) -> None: ...

    def settle(self, connection: Connection, rows: Sequence[Settled]) -> None: ...
