"""Webhooks: the list, and the page of one."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.clock import now_ms
from app.domain.deliveries import causes
from app.domain.deliveries.states import SKIPPED
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.retries import parse_policy
from app.models import Webhook
from app.queries import webhooks
from app.queries.deliveries import listing as deliveries
from app.queries.deliveries.filters import OPEN_STATES
from app.queries.deliveries.listing import DeliveryFilter
from app.queries.deliveries.walks import Counted, counted
from app.services.webhooks import service as verbs
from app.web.common import auth
from app.web.webhooks import health as webhook_health
from app.web.webhooks import preview

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")

PAGE = 50
RECENT = 10
# What waits or was skipped is counted this far on a page that only mentions it.
COUNTED = 1000


@blueprint.get("")
@auth.permission_required("deliveries:read")
def index() -> str:
    organization_id = auth.organization_id()
    q, cursor = request.args.get("q", "").strip(), request.args.get("cursor")
    page = webhooks.page(organization_id, PAGE, cursor, q=q[:512] or None)
    found = [webhook.id for webhook in page.rows]
    states = webhooks.states_of(organization_id, found) if found else {}
    return render_template(
        "webhooks/index.html",
        page=page,
        q=q,
        cursor=cursor,
        states=states,
        health=webhook_health.of_rows(organization_id, page.rows, states),
        presets=PRESETS,
    )


@blueprint.get("/<uuid:webhook_id>")
@auth.permission_required("deliveries:read")
def show(webhook_id: object) -> str:
    return page_of(found(webhook_id))


def found(webhook_id: object) -> Webhook:
    return webhooks.get(auth.organization_id(), str(webhook_id)) or abort(404)


def page_of(webhook: Webhook, **more: object) -> str:
    """The webhook's own page; more: what a button on it brought to light."""
    organization_id = auth.organization_id()
    policy = parse_policy(webhook.retry_policy)
    recent = deliveries.page(organization_id, DeliveryFilter(webhook_id=webhook.id), RECENT)
    is_off = not webhook.is_active
    return render_template(
        "webhooks/show.html",
        webhook=webhook,
        state=webhooks.states_of(organization_id, [webhook.id]).get(webhook.id),
        preset=PRESETS.get(webhook.preset),
        causes=causes.CAUSES,
        waits=preview.retry_schedule(policy),
        recent=recent,
        now=now_ms(),
        held=count_of(webhook.id, *OPEN_STATES) if is_off else None,
        skipped=count_of(webhook.id, SKIPPED) if is_off else None,
        **webhook_health.panel(organization_id, webhook.id),
        **more,
    )


def count_of(webhook_id: str, *states: str, at_most: int = COUNTED) -> Counted:
    wanted = DeliveryFilter(states=states, webhook_id=webhook_id)
    return counted(auth.organization_id(), wanted, at_most=at_most)


@blueprint.route("/<uuid:webhook_id>/delete", methods=["GET", "POST"])
@auth.permission_required("webhooks:manage")
def delete(webhook_id: object) -> Response | str:
    webhook = found(webhook_id)
    if request.method == "POST":
        verbs.delete(auth.organization_id(), webhook.id, auth.actor())
        flash(
            f"{webhook.name or webhook.url} is deleted. Its deliveries can still be seen.", "info"
        )
        return redirect(url_for("webhooks.index"), 303)
    still_open = count_of(webhook.id, *OPEN_STATES)
    return render_template("webhooks/delete.html", webhook=webhook, still_open=still_open)
