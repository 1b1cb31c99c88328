"""The Active switch in the list of webhooks. It asks first when deliveries are waiting."""

from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.webhooks.states import STATES
from app.models import Webhook
from app.queries.deliveries.filters import OPEN_STATES
from app.queries.webhook_list import WebhookList
from app.services.webhooks import service as webhook_service
from app.web.common.access import auth
from app.web.common.filters import Params
from app.web.webhooks import listing
from app.web.webhooks.pages import blueprint, count_of, webhook_or_404
from app.web.webhooks.rows import rows_of

PAUSED = "Webhook paused. Queued deliveries are on hold; new events are skipped."
RESUMED = "Webhook resumed."


@blueprint.get("/<uuid:webhook_id>/active")
@auth.permission_required("webhooks:manage")
def confirm_switch(webhook_id: UUID) -> str:
    """Say how many deliveries the switch puts on hold or sends."""
    webhook = webhook_or_404(webhook_id)
    waiting = count_of(webhook.id, *OPEN_STATES)
    return render_template(
        "webhooks/switch.html", webhook=webhook, waiting=waiting, list_params=_list_params()
    )


@blueprint.post("/<uuid:webhook_id>/active")
@auth.permission_required("webhooks:manage")
def switch(webhook_id: UUID) -> Response | str:
    """active=yes or no, so that a second click on an outdated page changes nothing back."""
    webhook = webhook_or_404(webhook_id)
    active = request.form.get("active") == "yes"
    if webhook.is_active == active:
        return _done(webhook, "")
    is_confirmed = request.form.get("confirmed") == "yes"
    if not is_confirmed and count_of(webhook.id, *OPEN_STATES, at_most=1).number:
        return _ask(webhook)
    change = webhook_service.resume if active else webhook_service.pause
    return _done(
        change(auth.organization_id(), webhook.id, auth.actor()), RESUMED if active else PAUSED
    )


def _ask(webhook: Webhook) -> Response:
    url = url_for("webhooks.confirm_switch", webhook_id=webhook.id, **_list_params())
    if not request.headers.get("HX-Request"):
        return redirect(url, 303)
    response = make_response("", 204)
    response.headers["HX-Redirect"] = url
    return response


def _done(webhook: Webhook, words: str) -> Response | str:
    """With a script: only the row. Otherwise back to the list."""
    if request.headers.get("HX-Request"):
        form = listing.read(request.values)
        [row] = rows_of(auth.organization_id(), [webhook])
        return render_template(
            "webhooks/_switched.html",
            row=row,
            words=words,
            list_params=form.params,
            form=form,
            link=form.link,
            states=STATES,
            counts=WebhookList(auth.organization_id(), form.q).counts(),
        )
    if words:
        flash(words, "success")
    url = url_for("webhooks.index", _anchor=f"webhook-{webhook.id}", **_list_params())
    return redirect(url, 303)


def _list_params() -> Params:
    """Of the list that the switch was on."""
    return listing.read(request.values).params
