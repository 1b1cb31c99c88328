"""Export a filtered list of deliveries as a file: streamed, or by a job."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.domain.common.errors import Conflict
from app.models.common.base import db
from app.queries.deliveries import listing as delivery_queries
from app.queries.deliveries.filters import DeliveryFilter
from app.queries.deliveries.walks import counted
from app.services.audit.reads import record_read
from app.services.deliveries.export_rows import head, lines, record
from app.services.jobs import service as jobs
from app.web.common import exports, filters
from app.web.common.access import auth
from app.web.deliveries.listing import PAGE, blueprint

BATCH = 500


@blueprint.get("/export.csv", defaults={"kind": "csv"})
@blueprint.get("/export.ndjson", defaults={"kind": "ndjson"})
@auth.permission_required("deliveries:read")
def export(kind: str) -> AnyResponse:
    """All of them in the response, however long that takes."""
    form = filters.read(filters.DELIVERY_FIELDS)
    filter_ = filters.delivery_filter(form)
    organization_id = auth.organization_id()
    after = {"format": kind, "filter": form.active}
    record_it = partial(record_read, organization_id, auth.actor(), "delivery.export", after=after)
    token = None if form.problems else exports.begin(organization_id, record_it)
    if token is None:
        if not form.problems:
            flash(exports.BUSY, "warning")
        return redirect(url_for("deliveries.index", **form.active), 303)
    return exports.stream(token, _chunks(kind, organization_id, filter_), "deliveries", kind)


@blueprint.post("/export")
@auth.permission_required("deliveries:read")
def start_export() -> AnyResponse:
    """As many as a page of the list has at once; more become the file of a job."""
    form = filters.read(filters.DELIVERY_FIELDS)
    filter_ = filters.delivery_filter(form)
    kind = "ndjson" if request.form.get("format") == "ndjson" else "csv"
    if form.problems:
        return redirect(url_for("deliveries.index", **form.active), 303)
    if counted(auth.organization_id(), filter_, at_most=PAGE).is_all:
        return redirect(url_for("deliveries.export", kind=kind, **form.active), 303)
    try:
        job = jobs.start_export(auth.organization_id(), filter_, auth.actor(), kind)
    except Conflict as error:
        flash(error.detail, "error")
        return redirect(url_for("deliveries.index", **form.active), 303)
    return redirect(url_for("jobs.show", job_id=job.id), 303)


def _chunks(kind: str, organization_id: str, filter_: DeliveryFilter) -> Iterator[bytes]:
    yield head(kind)
    for records in _batches(organization_id, filter_):
        yield lines(kind, records)


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
