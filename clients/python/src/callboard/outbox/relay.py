"""Posts the rows of an outbox. No transaction is open while a request is under way."""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Engine, delete, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from callboard import batches
from callboard.client import Callboard
from callboard.errors import ApiError, CallboardError, Conflict, Invalid, Malformed, TooLarge
from callboard.outbox.table import Outbox
from callboard.retries import RetryPolicy

log = logging.getLogger("callboard.outbox")

# What is wrong with an event itself; posting it again cannot help.
REFUSALS = (Conflict, Invalid, Malformed, TooLarge)


class StoredEvent(NamedTuple):
    position: int
    event: bytes


@dataclass(frozen=True, slots=True)
class RelayResult:
    """accepted: rows that Callboard has now, and that were deleted. refused: rows that stay in the
    table with the reason in `refusal`."""

    accepted: int
    refused: int

    @property
    def is_empty(self) -> bool:
        return self.accepted + self.refused == 0


class Relay:
    """One relay posts events in the order in which they were written. Several may run for safety:
    each claims its own rows, and order across them is not kept.

    lease: seconds after which the rows of a relay that died are posted by another; longer than a
    request with all its retries.
    """

    def __init__(
        self,
        engine: Engine,
        outbox: Outbox,
        callboard: Callboard,
        *,
        batch_size: int = 200,
        lease: float = 300.0,
        retry_policy: RetryPolicy | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._table = outbox.table
        self._transport = callboard.transport
        self._batch_size = min(batch_size, batches.MAX_BATCH)
        self._lease = lease
        self._retry_policy = retry_policy or RetryPolicy()
        self._now = now

    def run(self, stop: threading.Event, idle_seconds: float = 1.0) -> None:
        """Post until `stop` is set. Errors are logged, and tried again with growing delays."""
        failures = 0
        while not stop.is_set():
            delay = 0.0
            try:
                if self.run_once().is_empty:
                    delay = idle_seconds
                failures = 0
            except (CallboardError, SQLAlchemyError) as error:
                failures += 1
                delay = self._retry_policy.delay(failures)
                log.warning("%s Retrying in %.1f s.", error, delay)
            stop.wait(delay)

    def run_once(self) -> RelayResult:
        """Post one batch. CallboardError: it was not accepted, and its rows wait for the next
        call."""
        claim = uuid.uuid4().hex
        rows = self._claim(claim)
        accepted = refused = 0
        try:
            while rows:
                count, error = self._post(rows)
                self._delete(rows[:count])
                accepted, rows = accepted + count, rows[count:]
                if error is not None:
                    self._refuse(rows[0], error)
                    refused, rows = refused + 1, rows[1:]
        finally:
            if rows:
                self._release(claim)
        return RelayResult(accepted, refused)

    def retry_refused(self) -> int:
        """Post refused rows again, after their cause was fixed; how many there are."""
        table = self._table
        with self._engine.begin() as connection:
            statement = update(table).where(table.c.refusal.is_not(None)).values(refusal=None)
            return connection.execute(statement).rowcount

    def _claim(self, claim: str) -> Sequence[StoredEvent]:
        """The oldest rows that nobody else is posting."""
        table = self._table
        until = self._now()
        is_free = or_(table.c.claimed_until.is_(None), table.c.claimed_until < until)
        is_due = table.c.refusal.is_(None) & is_free
        oldest = (
            select(table.c.position)
            .where(is_due)
            .order_by(table.c.position)
            .limit(self._batch_size)
            # SQLite ignores this: there, one transaction writes at a time.
            .with_for_update(skip_locked=True)
        )
        with self._engine.begin() as connection:
            positions = connection.scalars(oldest).all()
            if not positions:
                return []
            connection.execute(
                update(table)
                .where(table.c.position.in_(positions) & is_due)
                .values(claim=claim, claimed_until=until + self._lease)
            )
            claimed = select(table.c.position, table.c.event).where(table.c.claim == claim)
            rows = connection.execute(claimed.order_by(table.c.position))
            return [StoredEvent(row.position, row.event) for row in rows]

    def _post(self, rows: Sequence[StoredEvent]) -> tuple[int, ApiError | None]:
        """How many of the first rows were accepted, and why the row behind them was refused."""
        try:
            batches.post(self._transport, [row.event for row in rows])
        except ApiError as error:
            if batches.is_too_many_bytes(error, len(rows)):
                return self._post(rows[: len(rows) // 2])
            index = batches.refused_index(error)
            if len(rows) == 1 and isinstance(error, REFUSALS):
                index = 0
            if index is None or index >= len(rows):
                raise
            if index == 0:
                return 0, error
            return self._post(rows[:index])
        return len(rows), None

    def _delete(self, rows: Sequence[StoredEvent]) -> None:
        positions = [row.position for row in rows]
        with self._engine.begin() as connection:
            connection.execute(delete(self._table).where(self._table.c.position.in_(positions)))

    def _refuse(self, row: StoredEvent, error: ApiError) -> None:
        log.error("Event at position %d was refused: %s", row.position, error)
        change = update(self._table).where(self._table.c.position == row.position)
        with self._engine.begin() as connection:
            connection.execute(change.values(refusal=str(error), claim=None, claimed_until=None))

    def _release(self, claim: str) -> None:
        change = update(self._table).where(self._table.c.claim == claim)
        with self._engine.begin() as connection:
            connection.execute(change.values(claim=None, claimed_until=None))
