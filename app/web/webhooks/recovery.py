"""Recover deliveries: resend failed ones and send missed events, after counting them."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.clock import iso, now_ms, parse_iso
from app.domain.common.errors import Conflict
from app.domain.common.ids import ms_of
from app.domain.deliveries.states import FAILED, SKIPPED
from app.models import Job, Webhook, WebhookState
from app.queries import webhooks as webhook_queries
from app.queries.deliveries.listing import DeliveryFilter
from app.queries.deliveries.walks import ids_above
from app.services.accounts.actor import Actor
from app.services.deliveries import missed, recovery
from app.services.deliveries.bulk import Progress
from app.services.jobs import service as jobs
from app.web.common import filters
from app.web.common.access import auth
from app.web.common.rendering.localized import plural
from app.web.deliveries.listing import PAGE
from app.web.webhooks.pages import blueprint, failing_of, webhook_or_404

# How long a page counts.
COUNT_SECONDS = 3.0
DAY_MS, MINUTE_MS = 86_400_000, 60_000
ALL_TIME = "all"


@dataclass(frozen=True, slots=True)
class Action:
    """name: of the endpoint. state: of the deliveries to count. send: as many as a page of a list
    has. start: a job for more."""

    name: str
    state: str
    count: Callable[..., Progress]
    send: Callable[..., Progress]
    start: Callable[..., Job]


def _start_resending(organization_id: str, webhook_id: str, since: int, actor: Actor) -> Job:
    failed = DeliveryFilter(states=(FAILED,), webhook_id=webhook_id, since=since)
    return jobs.start_matching(organization_id, failed, actor, "resend")


RECOVER = Action("recover", FAILED, recovery.count_failed, recovery.recover, _start_resending)
SEND_MISSED = Action(
    "send_missed",
    SKIPPED,
    missed.count_missed,
    missed.send_missed,
    jobs.start_sending_missed,
)


@blueprint.route("/<uuid:webhook_id>/recover", methods=["GET", "POST"])
@auth.permission_required("deliveries:resend")
def recover(webhook_id: UUID) -> Response | str:
    return _respond(RECOVER, webhook_or_404(webhook_id))


@blueprint.route("/<uuid:webhook_id>/send-missed", methods=["GET", "POST"])
@auth.permission_required("deliveries:resend")
def send_missed(webhook_id: UUID) -> Response | str:
    return _respond(SEND_MISSED, webhook_or_404(webhook_id))


def _respond(action: Action, webhook: Webhook) -> Response | str:
    try:
        return _send(action, webhook) if request.method == "POST" else _page(action, webhook)
    except Conflict as error:
        flash(error.detail, "error")
        return redirect(url_for("webhooks.show", webhook_id=webhook.id), 303)


def _page(action: Action, webhook: Webhook) -> str:
    organization_id = auth.organization_id()
    state = webhook_queries.states_of(organization_id, [webhook.id]).get(webhook.id)
    form = filters.read(("range", "since"))
    if form.is_empty:
        since: int | None = _default_since(action, webhook, state)
    else:
        since = 0 if form.values["range"] == ALL_TIME else form.since()
    counted = None
    if since is not None and not form.problems:
        since -= since % MINUTE_MS
        # To the minute, which is what the form's field holds.
        form.values["since"] = iso(since)[:16] if since else ""
        counted = action.count(organization_id, webhook.id, since, seconds=COUNT_SECONDS)
    return render_template(
        "webhooks/recover.html",
        webhook=webhook,
        action=action,
        form=form,
        ranges={**filters.RANGE_WORDS, ALL_TIME: "All time"},
        since=since,
        counted=counted,
        at_once=PAGE,
        failing=failing_of(state),
    )


def _default_since(action: Action, webhook: Webhook, state: WebhookState | None) -> int:
    """The start of the current failure, the first skipped delivery, or a day ago. Milliseconds."""
    if action is RECOVER and state is not None and state.failing_since is not None:
        return state.failing_since
    if action is SEND_MISSED:
        skipped = DeliveryFilter(states=(SKIPPED,), webhook_id=webhook.id)
        for first in ids_above(auth.organization_id(), skipped, None, 1).rows:
            return ms_of(first.id)
    return now_ms() - DAY_MS


def _send(action: Action, webhook: Webhook) -> Response:
    organization_id, since, actor = auth.organization_id(), _posted_since(), auth.actor()
    counted = action.count(organization_id, webhook.id, since, seconds=COUNT_SECONDS)
    if counted.after is not None or counted.number > PAGE:
        job = action.start(organization_id, webhook.id, since, actor)
        return redirect(url_for("jobs.show", job_id=job.id), 303)
    progress = action.send(organization_id, webhook.id, since, actor)
    deliveries = plural(progress.number, "delivery", "deliveries")
    if not progress.number:
        flash("Nothing left to send.", "info")
    elif webhook.is_active:
        flash(f"{deliveries} queued.", "success")
    else:
        flash(f"{deliveries} queued. They are on hold until the webhook sends again.", "success")
    return redirect(url_for("webhooks.show", webhook_id=webhook.id), 303)


def _posted_since() -> int:
    try:
        return parse_iso(request.form.get("since", ""))
    except (ValueError, OverflowError):
        abort(400)
