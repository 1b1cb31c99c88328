"""Export an organization's webhooks and event types as a file, and import such a file by a job."""

from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import BooleanField

from app.domain.common.errors import Conflict, Invalid, TooLarge
from app.domain.jobs import import_lines
from app.services.audit.reads import record_read
from app.services.jobs import organization_file
from app.services.jobs import service as jobs
from app.services.jobs.arguments import ImportOptions
from app.web.common import exports
from app.web.common.access import auth
from app.web.common.forms import CallboardForm

blueprint = Blueprint("imports", __name__, url_prefix="/settings/import")

MANAGE = "webhooks:manage"
MAX_NAME = 120


class OrganizationImportForm(CallboardForm):
    subject = "Import"
    file = FileField("File", render_kw={"accept": ".ndjson,.jsonl,application/x-ndjson"})
    paused = BooleanField("Create webhooks paused", default=True)
    replaces = BooleanField("Change what exists already")


@blueprint.get("")
@auth.permission_required(MANAGE)
def show() -> str:
    return render_template("jobs/import.html", form=OrganizationImportForm(None))


@blueprint.post("")
@auth.permission_required(MANAGE)
def start() -> Response | tuple[str, int]:
    form = OrganizationImportForm()
    file = form.file.data if isinstance(form.file.data, FileStorage) else None
    try:
        lines = import_lines.split(file.read(import_lines.MAX_BYTES + 1) if file else b"")
        name = ((file.filename if file else "") or "")[:MAX_NAME].replace("\0", "")
        options = ImportOptions(form.replaces.data, form.paused.data, name)
        job = jobs.start_import(auth.organization_id(), lines, options, auth.actor())
    except Invalid as error:
        form.take_errors(error.errors)
    except (Conflict, TooLarge) as error:
        form.file.errors = [error.detail]
    else:
        return redirect(url_for("jobs.show", job_id=job.id), 303)
    return render_template("jobs/import.html", form=form), 422


@blueprint.get("/organization.ndjson")
@auth.permission_required(MANAGE)
def export() -> Response:
    organization_id = auth.organization_id()
    record = partial(record_read, organization_id, auth.actor(), "organization.export")
    token = exports.begin(organization_id, record)
    if token is None:
        flash(exports.BUSY, "warning")
        return redirect(url_for("imports.show"), 303)
    if request.method == "HEAD":
        return exports.stream(token, iter(()), "organization", "ndjson")
    lines = organization_file.batches(organization_id)
    return exports.stream(token, lines, "organization", "ndjson")
