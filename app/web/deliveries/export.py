"""A filtered list of deliveries as a file: read and sent in stretches, however long it is."""

import csv
import io
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from flask import Response, flash, redirect, stream_with_context, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.domain.common.clock import iso, iso_or_none, now_ms
from app.models.base import db
from app.queries.deliveries import listing as deliveries
from app.queries.deliveries.filters import DeliveryFilter
from app.queries.deliveries.listing import DeliveryRow
from app.web.common import auth, filters
from app.web.common.templating import cause_title
from app.web.deliveries.listing import blueprint

TOGETHER = 500
# In one process, and of one organization: each holds a thread for as long as it lasts.
AT_ONCE, OF_ONE = 4, 1
# A spreadsheet would take a cell that begins so for a formula, and run it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

# The organization of each.
_running: dict[object, str] = {}
_lock = threading.Lock()


@blueprint.get("/export.csv", defaults={"kind": "csv"})
@blueprint.get("/export.ndjson", defaults={"kind": "ndjson"})
@auth.permission_required("deliveries:read")
def export(kind: str) -> AnyResponse:
    form = filters.given(filters.DELIVERY_FIELDS)
    wanted = filters.delivery_filter(form)
    organization_id = auth.organization_id()
    running = None if form.problems else _begin(organization_id)
    if running is None:
        if not form.problems:
            flash("An export is still running. Wait until it has ended.", "warning")
        return redirect(url_for("deliveries.index", **form.held), 303)
    lines = {"csv": _csv, "ndjson": _ndjson}[kind](organization_id, wanted)
    written = _ending(running, lines)
    mimetype = {"csv": "text/csv", "ndjson": "application/x-ndjson"}[kind]
    name = f"deliveries-{datetime.fromtimestamp(now_ms() // 1000, UTC):%Y-%m-%dT%H%M%SZ}.{kind}"
    response = Response(stream_with_context(written), mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    # So that nothing between here and the reader gathers it.
    response.headers["X-Accel-Buffering"] = "no"
    response.headers["Cache-Control"] = "private, no-store"
    # Also when the reader goes away before the first line.
    response.call_on_close(lambda: _end(running))
    return response


def _begin(organization_id: str) -> object | None:
    """What `_end` takes; None when too many are running."""
    with _lock:
        of_this = sum(each == organization_id for each in _running.values())
        if len(_running) >= AT_ONCE or of_this >= OF_ONE:
            return None
        running = object()
        _running[running] = organization_id
        return running


def _end(running: object) -> None:
    with _lock:
        _running.pop(running, None)


def _ending(running: object, lines: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from lines
    finally:
        _end(running)


def _stretches(organization_id: str, wanted: DeliveryFilter) -> Iterator[list[dict[str, Any]]]:
    """Newest first, from now on. Each is a transaction of its own that has ended before it goes
    out, so that a slow reader holds up nobody; of the last one nothing stays in memory."""
    cursor = None
    while True:
        page = deliveries.page(organization_id, wanted, TOGETHER, cursor)
        records = [record(row) for row in page.rows]
        db.session.rollback()
        db.session.expunge_all()
        if records:
            yield records
        cursor = page.next_cursor
        if cursor is None:
            return


def record(row: DeliveryRow) -> dict[str, Any]:
    """With the names that the API has for them."""
    kept = row.delivery
    return {
        "id": kept.id,
        "state": row.state,
        "event_id": kept.event_id,
        "event_type": kept.event_type,
        "source": kept.source,
        "webhook_id": row.webhook_id,
        "webhook_name": row.webhook_name,
        "url": row.url,
        "attempt_count": kept.attempts,
        "last_status": kept.last_status,
        "last_cause": kept.last_cause,
        "next_attempt_at": iso_or_none(row.next_attempt_at),
        "created_at": iso(kept.created_at),
        "updated_at": iso(kept.updated_at),
    }


FIELDS = (
    "id", "state", "event_id", "event_type", "source", "webhook_id", "webhook_name", "url",
    "attempt_count", "last_status", "last_cause", "next_attempt_at", "created_at", "updated_at",
)  # fmt: skip


def _ndjson(organization_id: str, wanted: DeliveryFilter) -> Iterator[bytes]:
    for records in _stretches(organization_id, wanted):
        yield b"".join(msgspec.json.encode(each) + b"\n" for each in records)


def _csv(organization_id: str, wanted: DeliveryFilter) -> Iterator[bytes]:
    """With the cause in words beside its code."""
    yield _lines([[*FIELDS, "cause"]])
    for records in _stretches(organization_id, wanted):
        lines = [[*each.values(), cause_title(each["last_cause"])] for each in records]
        yield _lines([[cell(value) for value in line] for line in lines])


def _lines(lines: list[list[Any]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows(lines)
    return written.getvalue().encode()


def cell(value: object) -> object:
    """A text that a spreadsheet might take for a formula gets an apostrophe before it."""
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return f"'{value}"
    return value
