"""Actions on a webhook's page: reveal and rotate its secret, pause, resume."""

from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from app.domain.common.clock import now_ms
from app.domain.common.errors import Invalid
from app.domain.deliveries.states import SKIPPED
from app.services.webhooks import rotation
from app.services.webhooks import service as webhook_service
from app.services.webhooks.reveals import reveal_secrets
from app.web.common.access import auth
from app.web.common.forms import CallboardForm, choices
from app.web.common.rendering import formats
from app.web.common.rendering.zones import reader_zone
from app.web.webhooks.pages import blueprint, count_of, webhook_or_404, webhook_page

OVERLAPS = {
    "86400": "24 hours",
    "604800": "7 days",
    "3600": "1 hour",
    "0": "Not at all: revoke it now",
}


class RotateForm(CallboardForm):
    subject = "Signing secret"
    overlap_seconds = SelectField("Keep old secret valid", choices=choices(OVERLAPS))
    secret = StringField("New secret")


@blueprint.post("/<uuid:webhook_id>/secret")
@auth.permission_required("webhooks:manage")
def secret(webhook_id: UUID) -> Response:
    """By POST, so that neither a URL nor a browser's prefetch reveals it."""
    webhook = webhook_or_404(webhook_id)
    secrets = reveal_secrets(auth.organization_id(), webhook.id, auth.actor())
    response = make_response(webhook_page(webhook, secrets=secrets))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/<uuid:webhook_id>/rotate-secret", methods=["GET", "POST"])
@auth.permission_required("webhooks:manage")
def rotate(webhook_id: UUID) -> Response | str | tuple[str, int]:
    webhook, form = webhook_or_404(webhook_id), RotateForm()
    if not form.validate_on_submit():
        page = render_template("webhooks/rotate.html", webhook=webhook, form=form)
        return (page, 422) if form.errors else page
    overlap = int(form.overlap_seconds.data)
    new_secret = (form.secret.data or "").strip() or None
    try:
        rotation.rotate_secret(
            auth.organization_id(), webhook.id, auth.actor(), overlap, new_secret
        )
    except Invalid as error:
        form.take_errors(error.errors)
        return render_template("webhooks/rotate.html", webhook=webhook, form=form), 422
    until = formats.since(now_ms() + overlap * 1000, reader_zone())
    old = f"The old one stays valid until {until}." if overlap else "The old one is revoked."
    flash(f"Secret rotated. {old} Reveal the new one below.", "success")
    return redirect(url_for("webhooks.show", webhook_id=webhook.id, _anchor="secrets"), 303)


@blueprint.route("/<uuid:webhook_id>/end-secret-overlap", methods=["GET", "POST"])
@auth.permission_required("webhooks:manage")
def end_overlap(webhook_id: UUID) -> Response | str:
    webhook = webhook_or_404(webhook_id)
    until = rotation.overlap_until(webhook)
    if until is None:
        flash("No previous secret is valid: only the current one signs.", "info")
    elif request.method == "GET":
        return render_template("webhooks/end_overlap.html", webhook=webhook, until=until)
    else:
        rotation.end_overlap(auth.organization_id(), webhook.id, auth.actor())
        flash("Previous secret revoked. Only the current one signs now.", "success")
    return redirect(url_for("webhooks.show", webhook_id=webhook.id, _anchor="secrets"), 303)


@blueprint.post("/<uuid:webhook_id>/pause")
@auth.permission_required("webhooks:manage")
def pause(webhook_id: UUID) -> Response:
    webhook_service.pause(auth.organization_id(), str(webhook_id), auth.actor())
    # The page says what this means for deliveries.
    flash("Webhook paused.", "info")
    return redirect(url_for("webhooks.show", webhook_id=webhook_id), 303)


@blueprint.post("/<uuid:webhook_id>/resume")
@auth.permission_required("webhooks:manage")
def resume(webhook_id: UUID) -> Response:
    """With skipped events: on to the page that counts them and can send them."""
    webhook = webhook_service.resume(auth.organization_id(), str(webhook_id), auth.actor())
    flash("Webhook resumed. Deliveries on hold are sent now.", "success")
    has_skipped = not webhook.once and count_of(webhook.id, SKIPPED, at_most=1).number > 0
    can_send = has_skipped and auth.allows("deliveries:resend")
    endpoint = "webhooks.send_missed" if can_send else "webhooks.show"
    return redirect(url_for(endpoint, webhook_id=webhook_id), 303)
