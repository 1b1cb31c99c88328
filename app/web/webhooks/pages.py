"""The list of webhooks, the page of one, and deleting it."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.clock import now_ms
from app.domain.deliveries import causes
from app.domain.deliveries.states import SKIPPED
from app.domain.webhooks import schemes
from app.domain.webhooks.credentials.authentication import KINDS, secret_of, with_hidden
from app.domain.webhooks.failing import Failing
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.retries import parse_policy
from app.domain.webhooks.states import SORTS, STATES
from app.models import Webhook, WebhookState
from app.queries import webhook_list
from app.queries import webhooks as webhook_queries
from app.queries.common.pages import Page
from app.queries.deliveries import listing as delivery_queries
from app.queries.deliveries.filters import OPEN_STATES
from app.queries.deliveries.listing import DeliveryFilter, DeliveryRow
from app.queries.deliveries.walks import Counted, counted
from app.queries.statistics import failing as failing_queries
from app.queries.statistics import troubles
from app.services.webhooks import service as webhook_service
from app.services.webhooks.secret_headers import headers_of
from app.services.webhooks.settings import authentication_of, certificates_in
from app.web.common.access import auth
from app.web.common.failing import failing_by_rate
from app.web.common.live_rows import digest_of
from app.web.deliveries.listing import digests_of
from app.web.webhooks import health, listing, preview
from app.web.webhooks.authentication_widget import MASKED
from app.web.webhooks.rows import matches_of, rows_of

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")

PAGE = 50
RECENT = 10
# Deliveries are counted up to this number on pages that only mention it.
MAX_COUNT = 1000


@blueprint.get("")
@auth.permission_required("deliveries:read")
def index() -> str:
    organization_id = auth.organization_id()
    form = listing.read()
    page = counts = known = None
    if not form.problems:
        known = failing_by_rate(organization_id)
        webhooks = webhook_list.WebhookList(organization_id, form.q, known)
        page, counts = webhooks.page_and_counts(form.states, form.sort, PAGE, form.cursor)
    return render_template(
        "webhooks/index.html",
        page=page,
        rows=rows_of(organization_id, page.rows, known) if page else [],
        form=form,
        counts=counts,
        states=STATES,
        sorts=SORTS,
        max_listed=webhook_list.MAX_LISTED,
        link=form.link,
        list_params=form.params,
    )


@blueprint.get("/<uuid:webhook_id>")
@auth.permission_required("deliveries:read")
def show(webhook_id: UUID) -> str | tuple[str, int]:
    webhook = webhook_or_404(webhook_id)
    now = Now.of(webhook)
    if request.headers.get("HX-Request") and request.args.get("seen") == now.version:
        return "", 204
    return webhook_page(webhook, now)


@dataclass(frozen=True, slots=True)
class Now:
    """What is live on the page of a webhook. recent: its newest deliveries. failing: why it is
    failing, or None if it is not."""

    webhook: Webhook
    recent: Page[DeliveryRow]
    state: WebhookState | None
    failing: Failing | None

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        organization_id, id_ = auth.organization_id(), webhook.id
        recent = delivery_queries.page(organization_id, DeliveryFilter(webhook_id=id_), RECENT)
        state = webhook_queries.states_of(organization_id, [id_]).get(id_)
        return cls(webhook, recent, state, failing_of(state))

    @property
    def is_by_status(self) -> bool:
        """Whether the last failed attempt got a response with another status than expected."""
        return self.state is not None and self.state.last_failure_cause == causes.STATUS

    @property
    def last_failure_status(self) -> int | None:
        """That status, if a delivery still says it of that attempt."""
        at = self.state.last_failure_at if self.state and self.is_by_status else None
        recent = (row.delivery for row in self.recent.rows)
        of_it = (row for row in recent if (row.updated_at, row.last_cause) == (at, causes.STATUS))
        return next((row.last_status for row in of_it), None)

    @property
    def version(self) -> str:
        limit = None if self.state is None or self.state.window is None else int(self.state.window)
        rows = digests_of(self.recent.rows)
        return digest_of((self.webhook.version, limit, self.failing, rows))


def webhook_or_404(webhook_id: UUID) -> Webhook:
    return webhook_queries.get(auth.organization_id(), str(webhook_id)) or abort(404)


def webhook_page(webhook: Webhook, live: Now | None = None, **extra: object) -> str:
    """live: if it was read already. extra: template variables with the result of an action, such as
    a test send."""
    organization_id = auth.organization_id()
    policy = parse_policy(webhook.retry_policy)
    live = live or Now.of(webhook)
    by_status = [webhook.id] if live.failing and live.is_by_status else []
    is_off = not webhook.is_active
    headers, secret_headers = headers_of(webhook)
    authentication = authentication_of(webhook)
    return render_template(
        "webhooks/show.html",
        webhook=webhook,
        state=live.state,
        failing=live.failing,
        preset=PRESETS.get(webhook.preset),
        matches=matches_of(webhook),
        headers=headers,
        secret_headers=[name for name, _ in secret_headers],
        authentication=authentication and with_hidden(authentication, MASKED),
        authentication_kinds=KINDS,
        client_certificates=certificates_in(webhook.client_certificate),
        ca_certificates=certificates_in(webhook.ca_certificates),
        signature_schemes=schemes.TITLES,
        signature_header=schemes.header_of(webhook.signature_scheme, webhook.signature_header),
        secret_of=secret_of,
        causes=causes.CAUSES,
        failure_title=causes.title_of,
        last_status=troubles.last_statuses(organization_id, by_status).get(webhook.id),
        last_failure_status=live.last_failure_status,
        waits=preview.retry_schedule(policy),
        recent=live.recent,
        version=live.version,
        now=now_ms(),
        on_hold=count_of(webhook.id, *OPEN_STATES) if is_off else None,
        skipped=count_of(webhook.id, SKIPPED) if is_off else None,
        panel=health.panel(organization_id, webhook.id),
        **extra,
    )


def failing_of(state: WebhookState | None) -> Failing | None:
    """Why the webhook is failing, or None if it is not."""
    states = [state] if state else []
    of_states = failing_queries.of_states(auth.organization_id(), states)
    return of_states.get(state.webhook_id) if state else None


def count_of(webhook_id: str, *states: str, at_most: int = MAX_COUNT) -> Counted:
    filter_ = DeliveryFilter(states=states, webhook_id=webhook_id)
    return counted(auth.organization_id(), filter_, at_most=at_most)


@blueprint.route("/<uuid:webhook_id>/delete", methods=["GET", "POST"])
@auth.permission_required("webhooks:manage")
def delete(webhook_id: UUID) -> Response | str:
    webhook = webhook_or_404(webhook_id)
    if request.method == "POST":
        webhook_service.delete(auth.organization_id(), webhook.id, auth.actor())
        flash(f"{webhook.name or webhook.url} deleted. You can still see its deliveries.", "info")
        return redirect(url_for("webhooks.index"), 303)
    still_open = count_of(webhook.id, *OPEN_STATES)
    return render_template("webhooks/delete.html", webhook=webhook, still_open=still_open)
