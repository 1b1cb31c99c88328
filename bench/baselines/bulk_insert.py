"""(e) The same rows, inserted with the database driver alone."""

import sqlite3
import time

import psycopg

from app.domain.common.ids import new_id
from bench.installation import BODY_BYTES, Installation, payload_of

_EVENT = (
    "INSERT INTO events (id, organization_id, type, occurred_at, created_at, payload)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
_DELIVERY = (
    "INSERT INTO deliveries (id, organization_id, webhook_id, event_id, event_type, state,"
    " attempts, created_at, updated_at) VALUES (?, ?, ?, ?, ?, 'pending', 0, ?, ?)"
)
_DUE = (
    "INSERT INTO due (delivery_id, organization_id, webhook_id, event_id, next_at, attempt,"
    " run_start, head, bytes) VALUES (?, ?, ?, ?, ?, 1, 1, true, ?)"
)


def bulk_insert(
    target: Installation, organization_id: str, webhook_id: str, number: int, each: int
) -> float:
    """Events per second, each with one delivery; `each` events per transaction."""
    payload = payload_of(BODY_BYTES)
    before = time.monotonic()
    if target.kind == "SQLite":
        connection = sqlite3.connect(target.url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("PRAGMA synchronous=FULL")
        for _ in range(number // each):
            rows = _rows(organization_id, webhook_id, payload, each)
            connection.execute("BEGIN IMMEDIATE")
            for statement, values in zip((_EVENT, _DELIVERY, _DUE), rows, strict=True):
                connection.executemany(statement, values)
            connection.execute("COMMIT")
        connection.close()
    else:
        url = target.url.replace("postgresql+psycopg://", "postgresql://")
        with psycopg.connect(url) as opened, opened.cursor() as cursor:
            for _ in range(number // each):
                rows = _rows(organization_id, webhook_id, payload, each)
                for statement, values in zip((_EVENT, _DELIVERY, _DUE), rows, strict=True):
                    cursor.executemany(statement.replace("?", "%s"), values)
                opened.commit()
    return number / (time.monotonic() - before)


def _rows(
    organization_id: str, webhook_id: str, payload: bytes, number: int
) -> tuple[list[tuple[object, ...]], ...]:
    now = time.time_ns() // 1_000_000
    ids = [(new_id(), new_id()) for _ in range(number)]
    events = [(event, organization_id, "t.n0", now, now, payload) for event, _ in ids]
    deliveries = [
        (delivery, organization_id, webhook_id, event, "t.n0", now, now) for event, delivery in ids
    ]
    due = [
        (delivery, organization_id, webhook_id, event, now, len(payload)) for event, delivery in ids
    ]
    return events, deliveries, due
