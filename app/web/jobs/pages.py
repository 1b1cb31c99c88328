"""Jobs: what bulk work has done so far, live, and what failed again."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.clock import iso, now_ms
from app.domain.common.errors import Conflict, Forbidden, NotFound
from app.domain.deliveries.states import FAILED
from app.domain.jobs.kinds import (
    CANCEL,
    EVENT_EXPORTS,
    EXPORTS,
    IMPORT,
    KINDS,
    OPEN,
    WITHOUT_DELIVERIES,
    Kind,
)
from app.models import Job
from app.queries import jobs as job_queries
from app.queries import webhooks as webhook_queries
from app.queries.common.pages import EXAMINED
from app.queries.deliveries import listing as delivery_queries
from app.queries.deliveries.filters import DeliveryFilter
from app.services.audit.reads import record_read
from app.services.jobs import exporting
from app.services.jobs import progress as job_progress
from app.services.jobs import service as jobs
from app.services.jobs.arguments import shown
from app.web.common import exports
from app.web.common.access import auth
from app.web.common.errors import page as error_page

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")

PAGE = 50
# Deliveries that failed again, on the page of a job.
SHOWN = 20
# Counting takes up to two milliseconds for a thousand deliveries: a large job is asked less often.
POLL_SECONDS, LARGE, POLL_LARGE_SECONDS = 2, 20_000, 8
# Of a job whose row is damaged.
UNKNOWN_KIND = Kind("Job", "changed")
_WHERE = (
    "It belongs to another organization, or its data has expired. Jobs of this organization are"
    " listed under Deliveries, Jobs."
)
UNKNOWN = ("Job not found", _WHERE)


@blueprint.get("")
@auth.permission_required("deliveries:read")
def index() -> str:
    rows = job_queries.page(auth.organization_id(), PAGE, request.args.get("cursor"))
    return render_template(
        "jobs/index.html", page=rows, cursor=request.args.get("cursor"), kinds=KINDS
    )


@blueprint.get("/<uuid:job_id>")
@auth.permission_required("deliveries:read")
def show(job_id: object) -> Response | str | tuple[str, int]:
    organization_id = auth.organization_id()
    job = job_queries.get(organization_id, job_id)
    if job is None:
        return error_page(404, words=UNKNOWN)
    progress = job_progress.of(job, now_ms())
    version = f"{job.state}.{job.done}.{job.total}.{progress.succeeded}.{progress.failed}"
    version += f".{progress.on_hold}.{progress.waiting}"
    if request.headers.get("HX-Request") and request.args.get("seen") == version:
        return "", 204
    # As many rows each time: a busy machine must not change what the page says.
    failed = DeliveryFilter(states=(FAILED,), job_id=job.id)
    again = delivery_queries.page(organization_id, failed, SHOWN, examined=EXAMINED)
    webhook_id = shown(job.arguments).get("webhook_id")
    return render_template(
        "jobs/show.html",
        job=job,
        kind=KINDS.get(job.kind, UNKNOWN_KIND),
        progress=progress,
        again=again,
        narrowed=_narrowed(job),
        webhook=webhook_queries.get_any(organization_id, webhook_id) if webhook_id else None,
        is_open=job.state in OPEN,
        may_stop=job.state in OPEN and auth.allows(_stopping(job)),
        is_cancelling=job.kind == CANCEL,
        is_export=job.kind in EXPORTS,
        is_import=job.kind == IMPORT,
        acts_on_deliveries=job.kind not in WITHOUT_DELIVERIES,
        has_file=exporting.is_available(job, now_ms()),
        replaced=exporting.REPLACED if exporting.is_replaced(job) else "",
        file_until=job.created_at + exporting.KEPT_MS,
        version=version,
        poll=POLL_SECONDS if job.done < LARGE else POLL_LARGE_SECONDS,
    )


@blueprint.get("/<uuid:job_id>/file")
@auth.permission_required("deliveries:read")
def file(job_id: object) -> Response | tuple[str, int]:
    """Download what an export has written."""
    organization_id = auth.organization_id()
    try:
        job = exporting.file_of(organization_id, str(job_id))
    except NotFound:
        return error_page(404, words=UNKNOWN)
    except Conflict as error:
        flash(error.detail, "info")
        return redirect(url_for("jobs.show", job_id=job_id), 303)
    about = (job.id, KINDS[job.kind].title, {"kind": job.kind, "count": job.done})
    record = partial(record_read, organization_id, auth.actor(), "job.download", *about)
    token = exports.begin(organization_id, record)
    if token is None:
        flash(exports.BUSY, "warning")
        return redirect(url_for("jobs.show", job_id=job.id), 303)
    name = "events" if job.kind in EVENT_EXPORTS else "deliveries"
    return exports.stream(token, exporting.content_of(job), name, EXPORTS[job.kind])


@blueprint.post("/<uuid:job_id>/stop")
@auth.permission_required("deliveries:resend")
def stop(job_id: object) -> Response:
    known = job_queries.get(auth.organization_id(), job_id)
    if known is not None and not auth.allows(_stopping(known)):
        raise Forbidden("Stopping an import requires the permission to manage webhooks.")
    try:
        job = jobs.stop(auth.organization_id(), str(job_id), auth.actor())
    except NotFound:
        return error_page(404, words=UNKNOWN)
    except Conflict as error:
        flash(error.detail, "info")
    else:
        queued = "Nothing more is queued." if job.kind != CANCEL else "Nothing more is cancelled."
        if job.kind in EXPORTS:
            queued = "It has no file."
        elif job.kind == IMPORT:
            queued = "What it has imported stays."
        flash(f"Job stopped. {queued}", "success")
    return redirect(url_for("jobs.show", job_id=job_id), 303)


def _stopping(job: Job) -> str:
    """The permission that stopping it needs."""
    return "webhooks:manage" if job.kind == IMPORT else "deliveries:resend"


def _narrowed(job: Job) -> dict[str, str]:
    """The filters that the job acts on, besides its webhook and what was created later anyway."""
    if job.kind == IMPORT:
        return _options(shown(job.arguments))
    words = {
        name: ",".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in shown(job.arguments).items()
    }
    words.pop("webhook_id", None)
    if words.get("until", "") >= iso(job.created_at):
        del words["until"]
    return words


def _options(options: Mapping[str, Any]) -> dict[str, str]:
    """What an import was told, in words by their label."""
    return {
        "file": options.get("file") or "",
        "webhooks": "created paused" if options.get("paused") else "created enabled",
        "existing": "changed" if options.get("replaces") else "skipped",
    }
