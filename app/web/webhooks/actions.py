"""The buttons of a webhook's page: reveal and rotate its secret, check, pause, resume."""

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from app.domain.common.errors import Invalid
from app.domain.deliveries import causes
from app.domain.deliveries.states import SKIPPED
from app.services.webhooks import service as verbs
from app.services.webhooks import test_sends as checks
from app.services.webhooks.test_sends import CheckResult
from app.web.common import auth
from app.web.common.forms import CallboardForm, choices
from app.web.deliveries import attempts, exchange
from app.web.webhooks.pages import blueprint, count_of, found, page_of

OVERLAPS = {
    "86400": "Both sign for 24 hours",
    "604800": "Both sign for 7 days",
    "3600": "Both sign for an hour",
    "0": "The old one is invalid at once",
}


class RotateForm(CallboardForm):
    overlap_seconds = SelectField("The old secret", choices=choices(OVERLAPS))
    secret = StringField("A secret of your own")


@blueprint.post("/<uuid:webhook_id>/secret")
@auth.permission_required("webhooks:manage")
def secret(webhook_id: object) -> Response:
    """By POST, so that no address and no look ahead of a browser shows it."""
    webhook = found(webhook_id)
    secrets = verbs.secrets_of(auth.organization_id(), webhook.id)
    response = make_response(page_of(webhook, secrets=secrets))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/<uuid:webhook_id>/rotate-secret", methods=["GET", "POST"])
@auth.permission_required("webhooks:manage")
def rotate(webhook_id: object) -> Response | str | tuple[str, int]:
    webhook, form = found(webhook_id), RotateForm()
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


@blueprint.post("/<uuid:webhook_id>/check")
@auth.permission_required("webhooks:manage")
def check(webhook_id: object) -> str:
    webhook = found(webhook_id)
    result = checks.check(auth.organization_id(), webhook.id, auth.actor())
    return page_of(webhook, check=result, **_told(result))


def _told(result: CheckResult) -> dict[str, object]:
    """What the page says and shows of it."""
    outcome, composed = result.outcome, result.composed
    cause = outcome.cause
    if cause == causes.OK and outcome.status is not None:
        cause = causes.cause_of_response(outcome.status, accepted=result.succeeded)
    response = None
    if outcome.response_head:
        response = exchange.message(
            outcome.response_head, outcome.response_body, outcome.response_truncated
        )
    return {
        "check_title": attempts.title(outcome.status, cause),
        "check_sentence": causes.explain(cause, outcome.status, outcome.detail),
        "check_remedy": causes.what_to_do(cause),
        "check_request": exchange.message(outcome.request_head, composed.body)
        if composed
        else None,
        "check_response": response,
    }


@blueprint.post("/<uuid:webhook_id>/pause")
@auth.permission_required("webhooks:manage")
def pause(webhook_id: object) -> Response:
    verbs.pause(auth.organization_id(), str(webhook_id), auth.actor())
    flash("Paused. What waits is held; what happens now is skipped, and can be sent later.", "info")
    return redirect(url_for("webhooks.show", webhook_id=webhook_id), 303)


@blueprint.post("/<uuid:webhook_id>/resume")
@auth.permission_required("webhooks:manage")
def resume(webhook_id: object) -> Response:
    """Where something was skipped, on to the page that counts it and can send it."""
    webhook = verbs.resume(auth.organization_id(), str(webhook_id), auth.actor())
    flash("Active. What was held goes out now.", "success")
    skipped = not webhook.once and count_of(webhook.id, SKIPPED, at_most=1).number > 0
    target = "webhooks.send_missed" if skipped and auth.allows("deliveries:resend") else None
    return redirect(url_for(target or "webhooks.show", webhook_id=webhook_id), 303)
