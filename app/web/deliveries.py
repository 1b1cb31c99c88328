"""Deliveries: the list, and the story of one."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.causes import CAUSES, OK
from app.domain.clock import now_ms
from app.domain.errors import Conflict
from app.domain.states import STATES
from app.queries import deliveries, webhooks
from app.queries.deliveries import DeliveryRow
from app.queries.sent_bodies import sent_body
from app.services import deliveries as verbs
from app.web import attempts, auth, filters
from app.web.story import sentence

blueprint = Blueprint("deliveries", __name__, url_prefix="/deliveries")

PAGE = 50
# A page of an open delivery asks this often, in seconds, whether something changed: more seldom
# while nothing is to happen for this long.
POLL, POLL_SELDOM, SOON_MS = 2, 15, 45_000


@blueprint.get("")
@auth.permission_required("deliveries:read")
def index() -> str:
    organization_id = auth.organization_id()
    form = filters.given(filters.DELIVERY_FIELDS)
    wanted = filters.delivery_filter(form)
    cursor = request.args.get("cursor")
    page = None
    if not form.problems:
        page = deliveries.page(organization_id, wanted, PAGE, cursor)
    return render_template(
        "deliveries/index.html",
        page=page,
        form=form,
        cursor=cursor,
        states=STATES,
        causes={code: cause.title for code, cause in CAUSES.items() if code != OK},
        webhooks=webhooks.listed(organization_id),
        link=lambda **changes: filters.url_with(form, "deliveries.index", changes),
    )


@blueprint.get("/<uuid:delivery_id>")
@auth.permission_required("deliveries:read")
def show(delivery_id: object) -> str | tuple[str, int]:
    organization_id = auth.organization_id()
    row = deliveries.get(organization_id, str(delivery_id)) or abort(404)
    if request.headers.get("HX-Request") and request.args.get("seen") == _version(row):
        return "", 204
    return render_template("deliveries/show.html", **_story(organization_id, row))


def _story(organization_id: str, row: DeliveryRow) -> dict[str, object]:
    body = sent_body(organization_id, row.delivery)
    found = deliveries.attempts(organization_id, row.id)
    webhook = webhooks.get(organization_id, row.delivery.webhook_id)
    steps = attempts.steps(found, body.content if body else None)
    return {
        "row": row,
        "delivery": row.delivery,
        "state": STATES[row.state],
        "steps": steps,
        "sentence": sentence(row, steps),
        "body_known": body is not None,
        "webhook": webhook,
        "version": _version(row),
        "poll": _poll(row),
    }


def _poll(row: DeliveryRow) -> int:
    waits_long = row.next_attempt_at is not None and row.next_attempt_at - now_ms() > SOON_MS
    return POLL_SELDOM if waits_long or row.held else POLL


def _version(row: DeliveryRow) -> str:
    """Changes whenever the story does."""
    return f"{row.state}.{row.delivery.attempts}.{row.delivery.updated_at}.{row.next_attempt_at}"


@blueprint.post("/<uuid:delivery_id>/resend")
@auth.permission_required("deliveries:resend")
def resend(delivery_id: object) -> Response:
    try:
        verbs.resend(auth.organization_id(), str(delivery_id), auth.actor())
        flash("It is due now. The receiver sees the same webhook-id.", "success")
    except Conflict as error:
        flash(error.detail, "error")
    return redirect(url_for("deliveries.show", delivery_id=delivery_id), 303)


@blueprint.post("/<uuid:delivery_id>/cancel")
@auth.permission_required("deliveries:resend")
def cancel(delivery_id: object) -> Response:
    try:
        verbs.cancel(auth.organization_id(), str(delivery_id), auth.actor())
        flash("Cancelled. No further attempt is made.", "success")
    except Conflict as error:
        flash(error.detail, "error")
    return redirect(url_for("deliveries.show", delivery_id=delivery_id), 303)
