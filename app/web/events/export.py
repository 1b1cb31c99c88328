"""Export a filtered list of events, with their payloads: a job writes the file."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.errors import Conflict
from app.services.jobs import service as jobs
from app.web.common import filters
from app.web.common.access import auth
from app.web.events import pages

blueprint = pages.blueprint


@blueprint.post("/export")
@auth.permission_required("deliveries:read")
def start_export() -> Response:
    form = filters.read(filters.EVENT_FIELDS)
    filter_ = filters.event_filter(form)
    kind = "ndjson" if request.form.get("format") == "ndjson" else "csv"
    if form.problems:
        return redirect(url_for("events.index", **form.active), 303)
    try:
        job = jobs.start_export(auth.organization_id(), filter_, auth.actor(), kind)
    except Conflict as error:
        flash(error.detail, "error")
        return redirect(url_for("events.index", **form.active), 303)
    return redirect(url_for("jobs.show", job_id=job.id), 303)
