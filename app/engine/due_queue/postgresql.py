"""The due queue on PostgreSQL: arrays as parameters, one round trip for many rows."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from app.engine.due_queue.statements import DueRow, EventRow, Fenced, Retry, Settled, State
from app.store.direct import execute

_HEARTBEAT = "UPDATE workers SET beat = beat + 1, seen_at = %s WHERE id = %s AND name = %s"
_EVENTS = """
SELECT id, type, source, occurred_at, payload FROM events
WHERE id = ANY(%s::uuid[]) AND payload IS NOT NULL"""
_TRACED_EVENTS = _EVENTS.replace(" FROM ", ", traceparent FROM ", 1)

# A skip scan: from each webhook to the next, with its earliest row.
_READY = """
WITH RECURSIVE step AS (
    (SELECT organization_id, webhook_id, next_at FROM due
     WHERE claimed_by IS NULL AND head ORDER BY webhook_id, next_at LIMIT 1)
    UNION ALL
    SELECT n.* FROM step CROSS JOIN LATERAL (
        SELECT d.organization_id, d.webhook_id, d.next_at FROM due d
        WHERE d.claimed_by IS NULL AND d.head AND d.webhook_id > step.webhook_id
        ORDER BY d.webhook_id, d.next_at LIMIT 1) n
)
SELECT step.organization_id, step.webhook_id, step.next_at
FROM step JOIN webhooks w ON w.id = step.webhook_id AND w.is_active AND w.deleted_at IS NULL"""

_STATES = """
SELECT s.webhook_id, s.in_flight, s."window", s.tat, s.last_success_at, s.last_failure_at,
       s.last_failure_cause, s.failing_since, s.consecutive_failures, s.told_failing_at,
       w.version, w.is_active AND w.deleted_at IS NULL
FROM webhook_states s JOIN webhooks w ON w.id = s.webhook_id
WHERE s.webhook_id = ANY(%s::uuid[])
ORDER BY s.webhook_id FOR UPDATE OF s"""

# `= ANY(ARRAY(...))`: IN with the same subquery scans the whole table.
_CLAIM = """
UPDATE due SET claimed_by = %s WHERE id = ANY(ARRAY(
    SELECT d.id FROM unnest(%s::uuid[], %s::int[]) AS q(webhook_id, most)
    CROSS JOIN LATERAL (
        SELECT id FROM due
        WHERE due.webhook_id = q.webhook_id AND claimed_by IS NULL AND head AND next_at <= %s
        ORDER BY next_at, id LIMIT q.most FOR UPDATE SKIP LOCKED) d))
RETURNING id, delivery_id, organization_id, webhook_id, event_id, attempt, run_start,
          ordering_key, bytes, next_at"""

_ROWS = "unnest(%s::bigint[], %s::bigint[], %s::int[]) AS g(id, claimed_by, attempt)"
# Not `due.claimed_by = g.claimed_by`: the index of claims would then be read once per row.
_SAME = (
    "due.id = g.id AND due.claimed_by IS NOT DISTINCT FROM g.claimed_by AND due.attempt = g.attempt"
)
_FINISH = f"""
DELETE FROM due USING {_ROWS} WHERE {_SAME}
RETURNING due.id, due.webhook_id, due.ordering_key"""  # noqa: S608 -- constants only
_RELEASE = f"UPDATE due SET claimed_by = NULL FROM {_ROWS} WHERE {_SAME} RETURNING due.id"  # noqa: S608
_RESCHEDULE = f"""
UPDATE due SET claimed_by = NULL, attempt = due.attempt + 1, next_at = g.next_at,
    delay_ms = g.delay_ms
FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::bigint[], %s::bigint[])
     AS g(id, claimed_by, attempt, next_at, delay_ms)
WHERE {_SAME} RETURNING due.id"""  # noqa: S608

_SAVE_STATES = """
UPDATE webhook_states s SET in_flight = g.in_flight, "window" = g.win, tat = g.tat,
    last_success_at = g.success, last_failure_at = g.failure, last_failure_cause = g.cause,
    failing_since = g.since, consecutive_failures = g.failures, told_failing_at = g.told
FROM unnest(%s::uuid[], %s::int[], %s::float8[], %s::bigint[], %s::bigint[], %s::bigint[],
            %s::text[], %s::bigint[], %s::int[], %s::bigint[])
     AS g(id, in_flight, win, tat, success, failure, cause, since, failures, told)
WHERE s.webhook_id = g.id"""

_SETTLE = """
UPDATE deliveries d SET state = g.state, attempts = g.attempts, last_status = g.status,
    last_cause = g.cause, updated_at = g.at
FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::int[], %s::text[], %s::bigint[])
     AS g(id, state, attempts, status, cause, at)
WHERE d.id = g.id"""


class Postgresql:
    def __init__(self, *, is_traced: bool = False) -> None:
        self._is_traced = is_traced
        self._events = _TRACED_EVENTS if is_traced else _EVENTS

    def heartbeat(
        self, connection: Connection, worker_id: int, name: str, now: int
    ) -> Callable[[], bool]:
        result = execute(connection, _HEARTBEAT, (now, worker_id, name))
        return lambda: bool(result.rowcount)

    def events(self, connection: Connection, ids: Collection[str]) -> list[EventRow]:
        rows = _rows(connection, self._events, (_array(ids),))
        if self._is_traced:
            return [(row[0], row[1], row[2], row[3], bytes(row[4]), row[5]) for row in rows]
        return [(row[0], row[1], row[2], row[3], bytes(row[4])) for row in rows]

    def ready(self, connection: Connection) -> list[tuple[str, str, int]]:
        return _rows(connection, _READY, ())

    def states(
        self, connection: Connection, webhook_ids: Collection[str], *, wait: bool
    ) -> list[State]:
        statement = _STATES if wait else _STATES + " SKIP LOCKED"
        return [State(*row) for row in _rows(connection, statement, (_array(webhook_ids),))]

    def claim(
        self, connection: Connection, worker_id: int, limits: Sequence[tuple[str, int]], now: int
    ) -> list[DueRow]:
        webhooks, numbers = _columns(limits)
        rows = _rows(connection, _CLAIM, (worker_id, webhooks, numbers, now))
        # RETURNING yields the order of the table, not of next_at.
        return [row[:9] for row in sorted(rows, key=lambda row: (row[9], row[0]))]

    def finish(
        self, connection: Connection, rows: Sequence[Fenced]
    ) -> list[tuple[int, str, str | None]]:
        return _rows(connection, _FINISH, _columns(rows))

    def reschedule(self, connection: Connection, rows: Sequence[Retry]) -> set[int]:
        return {row[0] for row in _rows(connection, _RESCHEDULE, _columns(rows))}

    def release(self, connection: Connection, rows: Sequence[Fenced]) -> set[int]:
        return {row[0] for row in _rows(connection, _RELEASE, _columns(rows))}

    def save_states(self, connection: Connection, states: Sequence[State]) -> None:
        rows = [
            (
                s.webhook_id,
                s.in_flight,
                s.window,
                s.tat,
                s.last_success_at,
                s.last_failure_at,
                s.last_failure_cause,
                s.failing_since,
                s.consecutive_failures,
                s.told_failing_at,
            )
            for s in states
        ]
        execute(connection, _SAVE_STATES, _columns(rows))

    def settle(self, connection: Connection, rows: Sequence[Settled]) -> None:
        execute(connection, _SETTLE, _columns(rows))


def _rows(connection: Connection, statement: str, parameters: tuple[Any, ...]) -> list[Any]:
    """Return the driver's own tuples: SQLAlchemy makes an object of each row."""
    rows: list[Any] = execute(connection, statement, parameters).fetchall()
    return rows


def _columns(rows: Iterable[tuple[Any, ...]]) -> tuple[str, ...]:
    return tuple(map(_array, zip(*rows, strict=True)))


def _array(values: Iterable[Any]) -> str:
    """Write an array of ids, numbers and codes, none of which needs quotes. The driver takes ten
    times as long for a list, whose items it looks at one by one."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"
