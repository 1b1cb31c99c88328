"""Webhooks: the list, one of them, and what can be done with it."""

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from app.domain import causes
from app.domain.clock import now_ms
from app.domain.errors import Invalid
from app.domain.presets import PRESETS
from app.domain.retries import parse_policy
from app.models import Webhook
from app.queries import deliveries, webhooks
from app.queries.deliveries import DeliveryFilter
from app.services import checks
from app.services import webhooks as verbs
from app.web import attempts, auth, exchange, preview
from app.web.forms import CallboardForm, choices

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")

PAGE = 50
# Open deliveries are counted this far on the page that asks before deleting.
COUNTED = 1000
OVERLAPS = {
    "86400": "Both sign for 24 hours",
    "604800": "Both sign for 7 days",
    "3600": "Both sign for an hour",
    "0": "The old one is invalid at once",
}


class RotateForm(CallboardForm):
    overlap_seconds = SelectField("The old secret", choices=choices(OVERLAPS))
    secret = StringField("A secret of your own")


@blueprint.get("")
@auth.permission_required("deliveries:read")
def index() -> str:
    organization_id = auth.organization_id()
    q, cursor = request.args.get("q", "").strip(), request.args.get("cursor")
    page = webhooks.page(organization_id, PAGE, cursor, q=q[:512] or None)
    found = [webhook.id for webhook in page.rows]
    return render_template(
        "webhooks/index.html",
        page=page,
        q=q,
        cursor=cursor,
        states=webhooks.states_of(organization_id, found) if found else {},
        presets=PRESETS,
    )


@blueprint.get("/<uuid:webhook_id>")
@auth.permission_required("deliveries:read")
def show(webhook_id: object) -> str:
    return _page(_found(webhook_id))


def _found(webhook_id: object) -> Webhook:
    return webhooks.get(auth.organization_id(), str(webhook_id)) or abort(404)


def _page(webhook: Webhook, **more: object) -> str:
    """The webhook's own page; more: what a button on it brought to light."""
    organization_id = auth.organization_id()
    policy = parse_policy(webhook.retry_policy)
    recent = deliveries.page(organization_id, DeliveryFilter(webhook_id=webhook.id), 10)
    return render_template(
        "webhooks/show.html",
        webhook=webhook,
        state=webhooks.states_of(organization_id, [webhook.id]).get(webhook.id),
        preset=PRESETS.get(webhook.preset),
        causes=causes.CAUSES,
        waits=preview.timetable(policy),
        recent=recent,
        now=now_ms(),
        **more,
    )


@blueprint.post("/<uuid:webhook_id>/secret")
@auth.permission_required("webhooks:manage")
def secret(webhook_id: object) -> Response:
    """By POST, so that no address and no look ahead of a browser shows it."""
    webhook = _found(webhook_id)
    secrets = verbs.secrets_of(auth.organization_id(), webhook.id)
    response = make_response(_page(webhook, secrets=secrets))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/<uuid:webhook_id>/check")
@auth.permission_required("webhooks:manage")
def check(webhook_id: object) -> str:
    webhook = _found(webhook_id)
    result = checks.check(auth.organization_id(), webhook.id, auth.actor())
    outcome, composed = result.outcome, result.composed
    sent = composed.body if composed else b""
    cause = outcome.cause
    if cause == causes.OK and outcome.status is not None:
        cause = causes.cause_of_answer(outcome.status, accepted=result.succeeded)
    return _page(
        webhook,
        check=result,
        check_title=attempts.title(outcome.status, cause),
        check_sentence=causes.explain(cause, outcome.status, outcome.detail),
        check_remedy=causes.what_to_do(cause),
        check_request=exchange.message(outcome.request_head, sent) if composed else None,
        check_response=exchange.message(
            outcome.response_head, outcome.response_body, outcome.response_truncated
        )
        if outcome.response_head
        else None,
    )


@blueprint.post("/<uuid:webhook_id>/pause")
@auth.permission_required("webhooks:manage")
def pause(webhook_id: object) -> Response:
    verbs.pause(auth.organization_id(), str(webhook_id), auth.actor())
    flash("Paused. What waits is held; what happens now is skipped, and can be sent later.", "info")
    return redirect(url_for("webhooks.show", webhook_id=webhook_id), 303)


@blueprint.post("/<uuid:webhook_id>/resume")
@auth.permission_required("webhooks:manage")
def resume(webhook_id: object) -> Response:
    verbs.resume(auth.organization_id(), str(webhook_id), auth.actor())
    flash("Active. What was held goes out now.", "success")
    return redirect(url_for("webhooks.show", webhook_id=webhook_id), 303)


@blueprint.route("/<uuid:webhook_id>/rotate-secret", methods=["GET", "POST"])
@auth.permission_required("webhooks:manage")
def rotate(webhook_id: object) -> Response | str | tuple[str, int]:
    webhook, form = _found(webhook_id), RotateForm()
    if not form.validate_on_submit():
        page = render_template("webhooks/rotate.html", webhook=webhook, form=form)
        return (page, 422) if form.errors else page
    overlap, own = int(form.overlap_seconds.data), (form.secret.data or "").strip() or None
    try:
        verbs.rotate_secret(auth.organization_id(), webhook.id, auth.actor(), overlap, own)
    except Invalid as error:
        form.take_errors(error.errors)
        return render_template("webhooks/rotate.html", webhook=webhook, form=form), 422
    also = "Until then both secrets sign." if overlap else "The old one signs no more."
    flash(f"There is a new signing secret. {also} Reveal it below to copy it.", "success")
    return redirect(url_for("webhooks.show", webhook_id=webhook.id, _anchor="secrets"), 303)


@blueprint.route("/<uuid:webhook_id>/delete", methods=["GET", "POST"])
@auth.permission_required("webhooks:manage")
def delete(webhook_id: object) -> Response | str:
    webhook, organization_id = _found(webhook_id), auth.organization_id()
    if request.method == "POST":
        verbs.delete(organization_id, webhook.id, auth.actor())
        flash(
            f"{webhook.name or webhook.url} is deleted. Its deliveries can still be seen.", "info"
        )
        return redirect(url_for("webhooks.index"), 303)
    still_open = DeliveryFilter(states=("pending", "sending", "retrying"), webhook_id=webhook.id)
    count = deliveries.count(organization_id, still_open, COUNTED)
    return render_template("webhooks/delete.html", webhook=webhook, count=count, counted=COUNTED)
