"""Export a filtered list of deliveries as a file, streamed in batches of any number."""

import csv
import io
from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec
from flask import flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.domain.common.clock import iso, iso_or_none
from app.models.common.base import db
from app.queries.deliveries import listing as delivery_queries
from app.queries.deliveries.filters import DeliveryFilter
from app.queries.deliveries.listing import DeliveryRow
from app.services.audit.reads import record_read
from app.web.common import exports, filters
from app.web.common.access import auth
from app.web.common.rendering.templating import cause_title
from app.web.deliveries.listing import blueprint

BATCH = 500
# A spreadsheet would run a cell that starts with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@blueprint.get("/export.csv", defaults={"kind": "csv"})
@blueprint.get("/export.ndjson", defaults={"kind": "ndjson"})
@auth.permission_required("deliveries:read")
def export(kind: str) -> AnyResponse:
    form = filters.read(filters.DELIVERY_FIELDS)
    filter_ = filters.delivery_filter(form)
    organization_id = auth.organization_id()
    after = {"format": kind, "filter": form.active}
    record = partial(record_read, organization_id, auth.actor(), "delivery.export", after=after)
    token = None if form.problems else exports.begin(organization_id, record)
    if token is None:
        if not form.problems:
            flash(exports.BUSY, "warning")
        return redirect(url_for("deliveries.index", **form.active), 303)
    chunks = {"csv": _csv, "ndjson": _ndjson}[kind](organization_id, filter_)
    return exports.stream(token, chunks, "deliveries", kind)


def _batches(organization_id: str, filter_: DeliveryFilter) -> Iterator[list[dict[str, Any]]]:
    """Newest first. Each batch is read in its own transaction, which ends before the batch is sent:
    a slow client holds no transaction open. The previous batch is freed."""
    cursor = None
    while True:
        page = delivery_queries.page(organization_id, filter_, BATCH, cursor)
        records = [record(row) for row in page.rows]
        db.session.rollback()
        db.session.expunge_all()
        if records:
            yield records
        cursor = page.next_cursor
        if cursor is None:
            return


def record(row: DeliveryRow) -> dict[str, Any]:
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


def _ndjson(organization_id: str, filter_: DeliveryFilter) -> Iterator[bytes]:
    for records in _batches(organization_id, filter_):
        yield b"".join(msgspec.json.encode(fields) + b"\n" for fields in records)


def _csv(organization_id: str, filter_: DeliveryFilter) -> Iterator[bytes]:
    """With the failure reason in words as the last column."""
    yield _csv_text([[*FIELDS, "cause"]])
    for records in _batches(organization_id, filter_):
        rows = [[*fields.values(), cause_title(fields["last_cause"])] for fields in records]
        yield _csv_text([[cell(value) for value in row] for row in rows])


def _csv_text(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def cell(value: object) -> object:
    """Put an apostrophe before a text that a spreadsheet might run as a formula."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
