"""The rows of an exported list of deliveries, as CSV or NDJSON."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import msgspec

from app.domain.common.clock import iso, iso_or_none
from app.domain.deliveries.causes import CAUSES
from app.queries.deliveries.listing import DeliveryRow

FIELDS = (
    "id",
    "state",
    "event_id",
    "event_type",
    "source",
    "webhook_id",
    "webhook_name",
    "url",
    "attempt_count",
    "last_status",
    "last_cause",
    "next_attempt_at",
    "created_at",
    "updated_at",
)
# A spreadsheet would run a cell that starts with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

Record = dict[str, Any]


def record(row: DeliveryRow) -> Record:
    """With the field names of the API."""
    delivery = row.delivery
    return {
        "id": delivery.id,
        "state": row.state,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "source": delivery.source,
        "webhook_id": row.webhook_id,
        "webhook_name": row.webhook_name,
        "url": row.shown_url,
        "attempt_count": delivery.attempts,
        "last_status": delivery.last_status,
        "last_cause": delivery.last_cause,
        "next_attempt_at": iso_or_none(row.next_attempt_at),
        "created_at": iso(delivery.created_at),
        "updated_at": iso(delivery.updated_at),
    }


def head(kind: str) -> bytes:
    """What a file begins with. kind: `csv` or `ndjson`."""
    return csv_text([[*FIELDS, "cause"]]) if kind == "csv" else b""


def lines(kind: str, records: Sequence[Record]) -> bytes:
    """A CSV has the failure reason in words as its last column."""
    if kind == "ndjson":
        return b"".join(msgspec.json.encode(fields) + b"\n" for fields in records)
    rows = [[*fields.values(), _cause(fields["last_cause"])] for fields in records]
    return csv_text([[cell(value) for value in row] for row in rows])


def _cause(code: str | None) -> str:
    cause = CAUSES.get(code or "")
    return cause.title if cause else ""


def csv_text(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def cell(value: object) -> object:
    """Put an apostrophe before a text that a spreadsheet might run as a formula."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
