"""The due queue on SQLite, under the write lock: many short statements, without SQLAlchemy."""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Connection

from app.engine.due_queue.statements import (
    DamagedRow,
    DueRow,
    EventRow,
    Fenced,
    Retry,
    Settled,
    State,
)
from app.store.direct import driver_of

_HEARTBEAT = "UPDATE workers SET beat = beat + 1, seen_at = ? WHERE id = ? AND name = ?"
_EVENTS = """
SELECT id, type, source, occurred_at, payload FROM events
WHERE id IN (SELECT value FROM json_each(?)) AND payload IS NOT NULL"""
_TRACED_EVENTS = _EVENTS.replace(" FROM ", ", traceparent FROM ", 1)

_READY = """
WITH RECURSIVE step(id) AS (
    SELECT (SELECT webhook_id FROM due WHERE claimed_by IS NULL AND head
            ORDER BY webhook_id LIMIT 1)
    UNION ALL
    SELECT (SELECT webhook_id FROM due WHERE claimed_by IS NULL AND head AND webhook_id > step.id
            ORDER BY webhook_id LIMIT 1)
    FROM step WHERE step.id IS NOT NULL
)
SELECT w.organization_id, step.id,
       (SELECT next_at FROM due WHERE claimed_by IS NULL AND head AND webhook_id = step.id
        ORDER BY next_at LIMIT 1)
FROM step JOIN webhooks w ON w.id = step.id AND w.is_active AND w.deleted_at IS NULL"""

_STATES = """
SELECT s.webhook_id, s.in_flight, s."window", s.tat, s.last_success_at, s.last_failure_at,
       s.last_failure_cause, s.failing_since, s.consecutive_failures, s.told_failing_at,
       w.version, w.is_active AND w.deleted_at IS NULL
FROM webhook_states s JOIN webhooks w ON w.id = s.webhook_id
WHERE s.webhook_id IN (SELECT value FROM json_each(?))"""

_FREE = """
SELECT id, delivery_id, organization_id, webhook_id, event_id, attempt, run_start, ordering_key,
       bytes FROM due
WHERE webhook_id = ? AND claimed_by IS NULL AND head AND next_at <= ?
ORDER BY next_at, id LIMIT ?"""
_CLAIM = "UPDATE due SET claimed_by = ? WHERE id IN (SELECT value FROM json_each(?))"

_SAME = "WHERE id IN (SELECT value FROM json_each(?)) AND claimed_by = ? AND attempt = ?"
_FINISH = f"DELETE FROM due {_SAME} RETURNING id, webhook_id, ordering_key"  # noqa: S608 -- constants only
_RELEASE = f"UPDATE due SET claimed_by = NULL {_SAME} RETURNING id"  # noqa: S608
_RESCHEDULE = """
UPDATE due SET claimed_by = NULL, attempt = attempt + 1, next_at = ?, delay_ms = ?
WHERE id = ? AND claimed_by = ? AND attempt = ? RETURNING id"""

_SAVE_STATES = """
UPDATE webhook_states SET in_flight = ?, "window" = ?, tat = ?, last_success_at = ?,
    last_failure_at = ?, last_failure_cause = ?, failing_since = ?,
    consecutive_failures = ?, told_failing_at = ?
WHERE webhook_id = ?"""
# Two thirds of what a statement for each row costs.
_SETTLE = """
UPDATE deliveries SET state = json_extract(g.value, '$[1]'),
    attempts = json_extract(g.value, '$[2]'), last_status = json_extract(g.value, '$[3]'),
    last_cause = json_extract(g.value, '$[4]'), updated_at = json_extract(g.value, '$[5]')
FROM json_each(?) AS g WHERE deliveries.id = json_extract(g.value, '$[0]')"""


class Sqlite:
    def __init__(self, *, is_traced: bool = False) -> None:
        self._events = _TRACED_EVENTS if is_traced else _EVENTS

    def heartbeat(
        self, connection: Connection, worker_id: int, name: str, now: int
    ) -> Callable[[], bool]:
        changed = driver_of(connection).execute(_HEARTBEAT, (now, worker_id, name)).rowcount
        return lambda: bool(changed)

    def events(self, connection: Connection, ids: Collection[str]) -> list[EventRow]:
        rows: list[EventRow] = (
            driver_of(connection).execute(self._events, (json.dumps(list(ids)),)).fetchall()
        )
        return rows

    def ready(self, connection: Connection) -> list[tuple[str, str, int]]:
        rows: list[tuple[str, str, int]] = driver_of(connection).execute(_READY).fetchall()
        for row in rows:
            if type(row[2]) is not int:
                raise DamagedRow(f"next_at of webhook {row[1]} is {row[2]!r}")
        return rows

    def states(
        self, connection: Connection, webhook_ids: Collection[str], *, wait: bool
    ) -> list[State]:
        del wait  # the write lock admits one writer
        rows = driver_of(connection).execute(_STATES, (json.dumps(list(webhook_ids)),))
        return [State(*row) for row in rows]

    def claim(
        self, connection: Connection, worker_id: int, limits: Sequence[tuple[str, int]], now: int
    ) -> list[DueRow]:
        driver = driver_of(connection)
        rows: list[DueRow] = []
        for webhook_id, number in limits:
            rows += driver.execute(_FREE, (webhook_id, now, number))
        driver.execute(_CLAIM, (worker_id, json.dumps([row[0] for row in rows])))
        return rows

    def finish(
        self, connection: Connection, rows: Sequence[Fenced]
    ) -> list[tuple[int, str, str | None]]:
        return _fenced(connection, _FINISH, rows)

    def reschedule(self, connection: Connection, rows: Sequence[Retry]) -> set[int]:
        execute = driver_of(connection).execute
        updated = (
            execute(_RESCHEDULE, (next_at, delay, *fence)).fetchone()
            for *fence, next_at, delay in rows
        )
        return {row[0] for row in updated if row is not None}

    def release(self, connection: Connection, rows: Sequence[Fenced]) -> set[int]:
        return {row[0] for row in _fenced(connection, _RELEASE, rows)}

    def save_states(self, connection: Connection, states: Sequence[State]) -> None:
        rows = [
            (
                s.in_flight,
                s.window,
                s.tat,
                s.last_success_at,
                s.last_failure_at,
                s.last_failure_cause,
                s.failing_since,
                s.consecutive_failures,
                s.told_failing_at,
                s.webhook_id,
            )
            for s in states
        ]
        driver_of(connection).executemany(_SAVE_STATES, rows)

    def settle(self, connection: Connection, rows: Sequence[Settled]) -> None:
        driver_of(connection).execute(_SETTLE, (json.dumps(rows),))


def _fenced(connection: Connection, statement: str, rows: Sequence[Fenced]) -> list[Any]:
    """Run a statement once per distinct (worker, attempt), mostly one; all returned rows."""
    by_fence: dict[tuple[int, int], list[int]] = defaultdict(list)
    for due_id, worker_id, attempt in rows:
        by_fence[worker_id, attempt].append(due_id)
    execute = driver_of(connection).execute
    return [
        row
        for fence, due_ids in by_fence.items()
        for row in execute(statement, (json.dumps(due_ids), *fence))
    ]
