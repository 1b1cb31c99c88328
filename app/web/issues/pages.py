"""Issues: failed deliveries grouped by webhook and failure reason; acknowledge or resend them."""

from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound
from app.domain.common.ids import canonical_id
from app.domain.deliveries import causes
from app.domain.deliveries.states import FAILED
from app.domain.issues.coverage import FAILURE
from app.queries import issues as issue_queries
from app.queries.deliveries.listing import DeliveryFilter
from app.queries.deliveries.walks import counted
from app.runtime.context import runtime
from app.services.deliveries.bulk import act_on_set, eligible
from app.services.issues import acknowledgements
from app.services.jobs import service as jobs
from app.web.common.access import auth
from app.web.common.rendering.localized import plural
from app.web.deliveries.listing import PAGE
from app.web.issues import shown

blueprint = Blueprint("issues", __name__, url_prefix="/issues")


@blueprint.get("")
@auth.permission_required("deliveries:read")
def index() -> str:
    organization_id = auth.organization_id()
    issues = issue_queries.page(organization_id)
    runtime().caches.open_issues.put(organization_id, len(issues.open))
    return render_template(
        "issues/index.html",
        issues=issues,
        examined=issue_queries.EXAMINED,
        shown=shown,
        days=shown.days(organization_id, now_ms()),
        owners=shown.owners(),
        what_to_do=causes.what_to_do,
        seen=now_ms(),
    )


@blueprint.get("/resend")
@auth.permission_required("deliveries:resend")
def confirm_resend() -> str:
    """Show how many deliveries would be resent."""
    webhook_id, cause, status = _issue_key(request.args)
    organization_id = auth.organization_id()
    return render_template(
        "issues/resend.html",
        webhook=issue_queries.webhook_of(organization_id, webhook_id) or abort(404),
        cause=cause,
        status=status,
        sentence=causes.explain(cause, status),
        counted=counted(
            organization_id, _filter(webhook_id, cause, status), also=eligible("resend")
        ),
    )


@blueprint.post("/resend")
@auth.permission_required("deliveries:resend")
def resend() -> Response:
    key = _issue_key(request.form)
    organization_id, failed = auth.organization_id(), _filter(*key)
    if not counted(organization_id, failed, also=eligible("resend"), at_most=PAGE).is_all:
        return _start_job(failed)
    progress = act_on_set(organization_id, failed, auth.actor(), "resend")
    message = f"{plural(progress.number, 'delivery', 'deliveries')} queued for resend."
    webhook = issue_queries.webhook_of(auth.organization_id(), key[0])
    if webhook is not None and not webhook.is_active:
        message += " They are on hold until the webhook sends again."
    flash(message if progress.number else "No deliveries left to resend.", "success")
    return redirect(url_for("issues.index"), 303)


@blueprint.post("/acknowledge")
@auth.permission_required("deliveries:resend")
def acknowledge() -> Response:
    form = request.form
    webhook_id, cause, status = _issue_key(form)
    seen, note = _number(form, "seen", 15), form.get("note", "")
    choice = form.get("until", "") or FAILURE
    lasts, until = shown.lasts_of(choice, now_ms())
    acknowledgements.acknowledge(
        auth.organization_id(),
        webhook_id,
        cause,
        status,
        auth.actor(),
        note,
        seen,
        lasts=lasts,
        until=until,
        owner_id=_owner_id(form),
    )
    flash(f"Acknowledged until {shown.CHOICES[choice]}.", "success")
    return redirect(url_for("issues.index"), 303)


@blueprint.post("/reopen")
@auth.permission_required("deliveries:resend")
def reopen() -> Response:
    acknowledgements.reopen(auth.organization_id(), *_issue_key(request.form), auth.actor())
    flash("Reopened.", "info")
    return redirect(url_for("issues.index"), 303)


def _owner_id(form: Mapping[str, str]) -> str | None:
    value = form.get("owner_id", "")
    if value and auth.current_user() is None:
        raise NotFound
    return (canonical_id(value) or "-") if value else None


def _start_job(failed: DeliveryFilter) -> Response:
    try:
        job = jobs.start_matching(auth.organization_id(), failed, auth.actor(), "resend")
    except Conflict as error:
        flash(error.detail, "error")
        return redirect(url_for("issues.index"), 303)
    return redirect(url_for("jobs.show", job_id=job.id), 303)


def _filter(webhook_id: str, cause: str, status: int | None) -> DeliveryFilter:
    return DeliveryFilter(
        states=(FAILED,), webhook_id=webhook_id, cause=cause or None, status_code=status
    )


def _issue_key(fields: Mapping[str, str]) -> tuple[str, str, int | None]:
    """Webhook id, failure reason and status from a form or a query. NotFound if malformed."""
    cause = fields.get("cause", "")
    if cause not in {"", *causes.CAUSES}:
        raise NotFound
    return fields.get("webhook_id", ""), cause, _number(fields, "status", 3)


def _number(fields: Mapping[str, str], name: str, digits: int) -> int | None:
    text = fields.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= digits):
        raise NotFound
    return int(text)
