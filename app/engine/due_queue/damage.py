"""Set aside rows of the due queue that cannot be read.

SQLite stores text in a column for numbers. Such a row would end every claim, of all organizations.
The queue is only inspected after an unexplained error, so this costs nothing otherwise.
"""

import logging
from typing import Any

from sqlalchemy import Connection, text

from app.domain.deliveries.lateness import late_at
from app.models import Attempt
from app.store import bulk, key_order

_log = logging.getLogger(__name__)

_NUMBERS = ("next_at", "attempt", "run_start", "head", "bytes")
_OPTIONAL = ("claimed_by", "delay_ms")
_IS_DAMAGED = " OR ".join(
    [f"typeof({name}) <> 'integer'" for name in _NUMBERS]
    + [f"typeof({name}) NOT IN ('integer', 'null')" for name in _OPTIONAL]
)
_COLUMNS = ", ".join((*_NUMBERS, *_OPTIONAL))
_FIND = f"""
SELECT id, delivery_id, organization_id, webhook_id, ordering_key, {_COLUMNS} FROM due
WHERE {_IS_DAMAGED} LIMIT 1000"""  # noqa: S608 -- constants only

# What a damaged value of a webhook's state becomes. A periodic task recounts `in_flight`.
_STATES = {
    "in_flight": "0",
    "tat": "0",
    "window": "NULL",
    "last_success_at": "NULL",
    "last_failure_at": "NULL",
    "failing_since": "NULL",
    "told_failing_at": "NULL",
}

_ATTEMPTS = bulk.Shape(
    Attempt.__table__,
    (
        "organization_id",
        "webhook_id",
        "delivery_id",
        "number",
        "started_at",
        "cause",
        "detail",
        "url",
        "request_head",
        "response_truncated",
        "total_us",
        "late_at",
        "retried",
    ),
)


def set_aside(connection: Connection, now: int) -> int:
    """Fail the deliveries of damaged rows, each with an attempt that has the reason, and repair
    states of webhooks. Returns how many values were concerned. now: ms since the epoch."""
    if connection.dialect.name != "sqlite":
        # Its columns take nothing but numbers.
        return 0
    rows = connection.execute(text(_FIND)).mappings().all()
    for row in rows:
        _fail(connection, dict(row), now)
    return len(rows) + _repair_states(connection)


def _fail(connection: Connection, row: dict[str, Any], now: int) -> None:
    values = ", ".join(f"{name} = {row[name]!r:.40}" for name in (*_NUMBERS, *_OPTIONAL))
    detail = f"Its row in the due queue was damaged: {values}. Resend the delivery."
    delivery_id = row["delivery_id"]
    number = connection.scalar(
        text("SELECT coalesce(max(number), 0) + 1 FROM attempts WHERE delivery_id = :id"),
        {"id": delivery_id},
    )
    attempt = (
        row["organization_id"],
        row["webhook_id"],
        delivery_id,
        number,
        now,
        "unrenderable",
        detail,
        "",
        b"",
        False,
        0,
        late_at(now, delivery_id),
        False,
    )
    bulk.insert(connection, (_ATTEMPTS, [attempt]))
    connection.execute(text("DELETE FROM due WHERE id = :id"), {"id": row["id"]})
    connection.execute(
        text(
            "UPDATE deliveries SET state = 'failed', attempts = :number,"
            " last_cause = 'unrenderable', last_status = NULL, updated_at = :now WHERE id = :id"
        ),
        {"number": number, "now": now, "id": delivery_id},
    )
    if row["ordering_key"] is not None:
        key_order.promote_heads(connection, [(row["webhook_id"], row["ordering_key"])])
    _log.error("delivery %s failed: %s", delivery_id, detail)


def _repair_states(connection: Connection) -> int:
    number = 0
    for name, value in _STATES.items():
        # Constants only.
        statement = f'UPDATE webhook_states SET "{name}" = {value} WHERE typeof("{name}") NOT IN'  # noqa: S608
        result = connection.execute(text(f"{statement} ('integer', 'real', 'null')"))
        number += result.rowcount
    if number:
        _log.error("reset %d damaged values in the states of webhooks", number)
    return number
