"""The statements of the worker, in words; each database has them in its own tongue."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

# (id, claimed_by, attempt): a row counts only as long as all three still match.
Fenced = tuple[int, int, int]
# Of `due`: id, delivery_id, organization_id, webhook_id, event_id, attempt, run_start,
# ordering_key, bytes.
DueRow = tuple[int, str, str, str, str, int, int, str | None, int]


@dataclass(slots=True)
class State:
    """A row of webhook_states, locked, with what the webhook's own row says now."""

    webhook_id: str
    in_flight: int
    window: float | None
    tat: int
    last_success_at: int | None
    last_failure_at: int | None
    last_failure_cause: str | None
    failing_since: int | None
    told_failing_at: int | None
    version: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """What a delivery's row says after an attempt."""

    delivery_id: str
    state: str
    attempts: int
    last_status: int | None
    last_cause: str
    updated_at: int


class DueQueue(Protocol):
    def ready(self, connection: Connection) -> list[tuple[str, str, int]]:
        """Each active webhook that has something free: (organization, webhook, earliest next_at).
        Costs a step in an index for each webhook, however much is due for it."""

    def states(
        self, connection: Connection, webhook_ids: Collection[str], *, wait: bool
    ) -> list[State]:
        """Lock them. wait: False leaves out those that another worker has locked."""

    def claim(
        self, connection: Connection, worker_id: int, wanted: Sequence[tuple[str, int]], now: int
    ) -> list[DueRow]:
        """wanted: webhooks, and how many of each at most. In the order in which they are due."""

    def finish(
        self, connection: Connection, rows: Sequence[Fenced]
    ) -> list[tuple[int, str, str | None]]:
        """Take them out; of those that were still claimed so: id, webhook id, ordering key."""

    def put_off(
        self, connection: Connection, rows: Sequence[tuple[int, int, int, int]]
    ) -> set[int]:
        """Rows and when they are due again; the ids of those that were still claimed so."""

    def release(self, connection: Connection, rows: Sequence[Fenced]) -> set[int]:
        """Free again, as if they had not been claimed; the ids of those that were."""

    def save_states(self, connection: Connection, states: Sequence[State]) -> None: ...

    def settle(self, connection: Connection, rows: Sequence[Settled]) -> None: ...
