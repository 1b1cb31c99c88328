"""What failed for good, by webhook and cause: taken on, mended, sent again."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.clock import now_ms
from app.domain.common.errors import NotFound
from app.domain.deliveries import causes
from app.domain.deliveries.states import FAILED
from app.queries import issues as failures
from app.queries.deliveries.listing import DeliveryFilter
from app.queries.deliveries.walks import counted
from app.queries.issues import Failure
from app.services.deliveries.bulk import act_on_set, eligible
from app.services.issues import acknowledgements
from app.web.common import auth
from app.web.common.formats import plural

blueprint = Blueprint("failures", __name__, url_prefix="/failures")

# A button works for so many seconds; whoever presses it again goes on with the rest.
RESEND_SECONDS = 15.0


@blueprint.get("")
@auth.permission_required("deliveries:read")
def index() -> str:
    return render_template(
        "issues/index.html",
        failures=failures.failures(auth.organization_id()),
        examined=failures.EXAMINED,
        sentence=sentence,
        what_to_do=causes.what_to_do,
        filters=filters_of,
        seen=now_ms(),
    )


@blueprint.get("/resend")
@auth.permission_required("deliveries:resend")
def ask() -> str:
    """How many there are, before they are sent."""
    webhook_id, cause, status = _named(request.args)
    organization_id = auth.organization_id()
    return render_template(
        "issues/resend.html",
        webhook=failures.webhook_of(organization_id, webhook_id) or abort(404),
        cause=cause,
        status=status,
        sentence=causes.explain(cause, status),
        counted=counted(
            organization_id, _wanted(webhook_id, cause, status), also=eligible("resend")
        ),
    )


@blueprint.post("/resend")
@auth.permission_required("deliveries:resend")
def resend() -> Response:
    wanted = _wanted(*_named(request.form))
    organization_id, actor = auth.organization_id(), auth.actor()
    done = act_on_set(organization_id, wanted, actor, "resend", seconds=RESEND_SECONDS)
    words = f"{plural(done.number, 'delivery is', 'deliveries are')} due now."
    if done.after is not None:
        flash(f"{words} There is more: send the rest.", "warning")
        return redirect(url_for("failures.ask", **_again()), 303)
    flash(words if done.number else "There is nothing to send any more.", "success")
    return redirect(url_for("failures.index"), 303)


def _again() -> dict[str, Any]:
    return {name: request.form.get(name) or None for name in ("webhook_id", "cause", "status")}


def _wanted(webhook_id: str, cause: str, status: int | None) -> DeliveryFilter:
    return DeliveryFilter(
        states=(FAILED,), webhook_id=webhook_id, cause=cause or None, status_code=status
    )


@blueprint.post("/acknowledge")
@auth.permission_required("deliveries:resend")
def acknowledge() -> Response:
    form = request.form
    webhook_id, cause, status = _named(form)
    seen, note = _number(form, "seen", 15), form.get("note", "")
    acknowledgements.acknowledge(
        auth.organization_id(), webhook_id, cause, status, auth.actor(), note, seen
    )
    flash("Acknowledged. It comes back here when one more fails.", "success")
    return redirect(url_for("failures.index"), 303)


@blueprint.post("/take-back")
@auth.permission_required("deliveries:resend")
def take_back() -> Response:
    acknowledgements.take_back(auth.organization_id(), *_named(request.form), auth.actor())
    flash("Open again.", "info")
    return redirect(url_for("failures.index"), 303)


def _named(given: Mapping[str, str]) -> tuple[str, str, int | None]:
    """The webhook, the cause and the status that a form names."""
    cause = given.get("cause", "")
    if cause not in {"", *causes.CAUSES}:
        raise NotFound
    return given.get("webhook_id", ""), cause, _number(given, "status", 3)


def _number(given: Mapping[str, str], name: str, digits: int) -> int | None:
    text = given.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= digits):
        raise NotFound
    return int(text)


def sentence(failure: Failure) -> str:
    """`TLS: certificate expired: it expired on 2 Feb 2026.`"""
    return causes.explain(failure.cause, failure.status, failure.detail)


def filters_of(failure: Failure) -> dict[str, object]:
    """As the list of deliveries takes them."""
    return {
        "state": "failed",
        "webhook_id": failure.webhook.id,
        "cause": failure.cause or None,
        "status": failure.status,
    }
