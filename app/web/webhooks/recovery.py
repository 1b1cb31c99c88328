"""Making up for what did not arrive: what failed is recovered, what was missed is sent. The page
counts first."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.clock import iso, now_ms, parse_iso
from app.domain.common.errors import Conflict
from app.domain.common.ids import ms_of
from app.domain.deliveries.states import FAILED, SKIPPED
from app.models import Webhook, WebhookState
from app.queries import webhooks
from app.queries.deliveries.listing import DeliveryFilter
from app.queries.deliveries.walks import ids_above
from app.services.deliveries import missed, recovery
from app.services.deliveries.bulk import Progress
from app.web.common import auth, filters
from app.web.common.formats import plural
from app.web.webhooks.pages import blueprint, found

# A page is counted, and a button works, for so many seconds; the rest is gone on with.
COUNT_SECONDS, SEND_SECONDS = 3.0, 15.0
DAY_MS, MINUTE_MS = 86_400_000, 60_000
EVER = "all"


@dataclass(frozen=True, slots=True)
class Verb:
    """name: of the endpoint. state: of the deliveries that it can be looked at by."""

    name: str
    state: str
    count: Callable[..., Progress]
    send: Callable[..., Progress]


RECOVER = Verb("recover", FAILED, recovery.count_failed, recovery.recover)
SEND_MISSED = Verb("send_missed", SKIPPED, missed.count_missed, missed.send_missed)


@blueprint.route("/<uuid:webhook_id>/recover", methods=["GET", "POST"])
@auth.permission_required("deliveries:resend")
def recover(webhook_id: object) -> Response | str:
    return _answer(RECOVER, found(webhook_id))


@blueprint.route("/<uuid:webhook_id>/send-missed", methods=["GET", "POST"])
@auth.permission_required("deliveries:resend")
def send_missed(webhook_id: object) -> Response | str:
    return _answer(SEND_MISSED, found(webhook_id))


def _answer(verb: Verb, webhook: Webhook) -> Response | str:
    try:
        return _sent(verb, webhook) if request.method == "POST" else _page(verb, webhook)
    except Conflict as error:
        flash(error.detail, "error")
        return redirect(url_for("webhooks.show", webhook_id=webhook.id), 303)


def _page(verb: Verb, webhook: Webhook) -> str:
    organization_id = auth.organization_id()
    state = webhooks.states_of(organization_id, [webhook.id]).get(webhook.id)
    form = filters.given(("range", "since"))
    if form.is_empty:
        since: int | None = _begin(verb, webhook, state)
    else:
        since = 0 if form.values["range"] == EVER else form.since()
    counted = None
    if since is not None and not form.problems:
        since -= since % MINUTE_MS
        # As the field of the page takes it.
        form.values["since"] = iso(since)[:16] if since else ""
        counted = verb.count(organization_id, webhook.id, since, seconds=COUNT_SECONDS)
    return render_template(
        "webhooks/recover.html",
        webhook=webhook,
        verb=verb,
        form=form,
        ranges={**filters.RANGE_WORDS, EVER: "All that is kept"},
        since=since,
        counted=counted,
        state=state,
    )


def _begin(verb: Verb, webhook: Webhook, state: WebhookState | None) -> int:
    """From when on a person most likely means: since nothing gets through; since the first that
    was skipped; else since a day ago."""
    if verb is RECOVER and state is not None and state.failing_since is not None:
        return state.failing_since
    if verb is SEND_MISSED:
        skipped = DeliveryFilter(states=(SKIPPED,), webhook_id=webhook.id)
        for first in ids_above(auth.organization_id(), skipped, None, 1).rows:
            return ms_of(first.id)
    return now_ms() - DAY_MS


def _sent(verb: Verb, webhook: Webhook) -> Response:
    since = _posted_since()
    done = verb.send(auth.organization_id(), webhook.id, since, auth.actor(), seconds=SEND_SECONDS)
    if done.after is not None:
        rest = iso(ms_of(done.after))
        flash(f"{_are_due(done.number)} There is more: count the rest and go on.", "warning")
        return redirect(url_for(f"webhooks.{verb.name}", webhook_id=webhook.id, since=rest), 303)
    held = "" if webhook.is_active else " They go out when the webhook is resumed."
    flash(f"{_are_due(done.number)}{held}", "success" if done.number else "info")
    return redirect(url_for("webhooks.show", webhook_id=webhook.id), 303)


def _posted_since() -> int:
    try:
        return parse_iso(request.form.get("since", ""))
    except (ValueError, OverflowError):
        abort(400)


def _are_due(number: int) -> str:
    if not number:
        return "There is nothing to send any more."
    return f"{plural(number, 'delivery is', 'deliveries are')} due now."
