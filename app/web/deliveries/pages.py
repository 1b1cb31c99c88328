"""The page of one delivery: its attempts, and resend, cancel and reveal."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict
from app.domain.common.ids import canonical_id
from app.domain.deliveries.states import STATES
from app.models import Attempt
from app.queries import webhooks as webhook_queries
from app.queries.deliveries import attempts as attempt_queries
from app.queries.deliveries import listing as delivery_queries
from app.queries.deliveries.listing import DeliveryRow
from app.queries.deliveries.ordering import OrderingQueue, ordering_queue
from app.queries.deliveries.sent_bodies import sent_body
from app.queries.deliveries.walks import Neighbours, neighbours
from app.services.audit.reads import record_read
from app.services.deliveries import actions as delivery_actions
from app.services.deliveries import sent_requests
from app.services.deliveries.sent_requests import Reader
from app.web.common import filters
from app.web.common.access import auth
from app.web.deliveries import attempts, comparison
from app.web.deliveries.attempts import Detail
from app.web.deliveries.listing import blueprint
from app.web.deliveries.story import sentence

# Seconds between polls of the page of an open delivery, and while the next attempt is further away
# than SOON_MS.
POLL, POLL_IDLE, SOON_MS = 2, 15, 45_000
# The largest attempt number that the database can hold.
MAX_ATTEMPT = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class View:
    """opened: number of the attempt to open. before: show attempts before this number. reveal: show
    the secrets of the opened attempt."""

    opened: int | None = None
    before: int | None = None
    reveal: bool = False


@blueprint.get("/<uuid:delivery_id>")
@auth.permission_required("deliveries:read")
def show(delivery_id: UUID) -> str | tuple[str, int]:
    row = _row_or_404(delivery_id)
    ordering = ordering_queue(auth.organization_id(), row.id)
    if request.headers.get("HX-Request") and request.args.get("seen") == _version(row, ordering):
        return "", 204
    return _page(row, ordering, View(_number("attempt"), _number("before")))


def _row_or_404(delivery_id: UUID) -> DeliveryRow:
    return delivery_queries.get(auth.organization_id(), str(delivery_id)) or abort(404)


def _number(name: str) -> int | None:
    text = request.values.get(name, "")
    is_number = text.isascii() and text.isdigit() and len(text) <= 10
    return min(int(text), MAX_ATTEMPT) if is_number else None


def _page(row: DeliveryRow, ordering: OrderingQueue | None, view: View) -> str:
    organization_id = auth.organization_id()
    recent = attempt_queries.summaries(organization_id, row.id, view.before)
    steps = attempts.steps(recent)
    resends = attempt_queries.resends(organization_id, row.id)
    form = filters.read(filters.DELIVERY_FIELDS)
    return render_template(
        "deliveries/show.html",
        row=row,
        delivery=row.delivery,
        state=STATES[row.state],
        steps=steps,
        resends=resends,
        opened=_opened(row, recent, view),
        comparison=comparison.of_request(row, _reader(row), resends),
        before=view.before,
        sentence=sentence(row, steps) if view.before is None else "",
        webhook=webhook_queries.get(organization_id, row.delivery.webhook_id),
        ordering=ordering,
        key_head=delivery_queries.get(organization_id, ordering.head_id)
        if ordering and ordering.head_id
        else None,
        neighbours=_neighbours(organization_id, form, row.id),
        form=form,
        list_params=filters.list_params(form),
        version=_version(row, ordering),
        poll=_poll(row),
    )


def _opened(row: DeliveryRow, recent: list[Attempt], view: View) -> dict[int, Detail]:
    """{attempt number: detail} of the last attempt and of the requested one."""
    open_numbers = {recent[-1].number} if recent and view.before is None else set()
    open_numbers |= {attempt.number for attempt in recent if attempt.number == view.opened}
    details = {}
    for number in open_numbers:
        attempt = attempt_queries.get(row.delivery.organization_id, row.id, number)
        if attempt is not None:
            is_revealed = view.reveal and number == view.opened
            details[number] = _detail(row, attempt, _reader(row, shows_secrets=is_revealed))
    return details


def _detail(row: DeliveryRow, attempt: Attempt, reader: Reader) -> Detail:
    body = sent_body(row.delivery.organization_id, row.delivery)
    return attempts.detail(attempt, body.content if body else None, reader)


def _reader(row: DeliveryRow, *, shows_secrets: bool = False) -> Reader:
    delivery = row.delivery
    webhook = webhook_queries.get_any(delivery.organization_id, delivery.webhook_id)
    return sent_requests.reader(webhook, shows_secrets=shows_secrets)


def _neighbours(organization_id: str, form: filters.FilterValues, delivery_id: str) -> Neighbours:
    filter_ = filters.delivery_filter(form)
    if form.problems:
        return Neighbours(None, None)
    return neighbours(organization_id, filter_, delivery_id)


def _poll(row: DeliveryRow) -> int:
    is_far = row.next_attempt_at is not None and row.next_attempt_at - now_ms() > SOON_MS
    return POLL_IDLE if is_far or row.held else POLL


def _version(row: DeliveryRow, ordering: OrderingQueue | None) -> str:
    """Changes whenever the page does."""
    parts: list[Any] = [row.state, row.delivery.attempts, row.delivery.updated_at]
    parts += [row.next_attempt_at or "", int(row.held), int(row.blocked)]
    parts += [ordering.head_id, ordering.ahead, ordering.behind] if ordering else []
    return ".".join(str(part) for part in parts)


@blueprint.get("/<uuid:delivery_id>/attempts/<int:number>")
@auth.permission_required("deliveries:read")
def attempt(delivery_id: UUID, number: int) -> str | Response:
    """The opened attempt, for the page to insert. Without a script: the page with it opened."""
    row = _row_or_404(delivery_id)
    if not request.headers.get("HX-Request"):
        return redirect(url_for("deliveries.show", delivery_id=row.id, attempt=number), 303)
    number = min(number, MAX_ATTEMPT)
    stored = attempt_queries.get(auth.organization_id(), row.id, number) or abort(404)
    return render_template(
        "deliveries/_opened_attempt.html",
        row=row,
        step=attempts.step(stored),
        detail=_detail(row, stored, _reader(row)),
        list_params=filters.list_params(filters.read(filters.DELIVERY_FIELDS)),
    )


@blueprint.post("/<uuid:delivery_id>/reveal")
@auth.permission_required("webhooks:manage")
def reveal(delivery_id: UUID) -> Response:
    """By POST, so that neither a URL nor a browser's prefetch reveals a secret."""
    row = _row_or_404(delivery_id)
    view = View(_number("attempt"), _number("before"), reveal=True)
    record_read(
        auth.organization_id(),
        auth.actor(),
        "delivery.reveal_secret",
        row.id,
        row.delivery.event_type,
        {"attempt": view.opened},
    )
    response = make_response(_page(row, ordering_queue(auth.organization_id(), row.id), view))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/<uuid:delivery_id>/body")
@auth.permission_required("deliveries:read")
def body(delivery_id: UUID) -> Response:
    """Download the request body."""
    row = _row_or_404(delivery_id)
    recorded = sent_body(auth.organization_id(), row.delivery) or abort(404)
    reader = _reader(row, shows_secrets=auth.allows("webhooks:manage"))
    is_revealed = reader is sent_requests.OPENED and request.method != "HEAD"
    if is_revealed and sent_requests.contains_secrets((), recorded.content):
        record_read(
            auth.organization_id(),
            auth.actor(),
            "delivery.reveal_secret",
            row.id,
            row.delivery.event_type,
            {"body": True},
        )
    response = make_response(reader.body(recorded.content))
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["Content-Disposition"] = f'attachment; filename="{row.id}.body"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.post("/<uuid:delivery_id>/resend")
@auth.permission_required("deliveries:resend")
def resend(delivery_id: UUID) -> Response:
    try:
        delivery_actions.resend(auth.organization_id(), str(delivery_id), auth.actor())
        row = delivery_queries.get(auth.organization_id(), str(delivery_id))
        if row is not None and row.held:
            flash("Queued for resend, and on hold.", "warning")
        else:
            flash("Queued. The receiver sees the same webhook-id.", "success")
    except Conflict as error:
        flash(error.detail, "error")
    return _back_to(delivery_id)


@blueprint.post("/<uuid:delivery_id>/cancel")
@auth.permission_required("deliveries:resend")
def cancel(delivery_id: UUID) -> Response:
    try:
        delivery_actions.cancel(auth.organization_id(), str(delivery_id), auth.actor())
        flash("Cancelled. No further attempts.", "success")
    except Conflict as error:
        flash(error.detail, "error")
    return _back_to(delivery_id)


def _back_to(delivery_id: UUID) -> Response:
    """To this delivery, or to the one behind it from which the form was sent."""
    shown_id = canonical_id(request.form.get("back")) or str(delivery_id)
    params = filters.list_params(filters.read(filters.DELIVERY_FIELDS))
    return redirect(url_for("deliveries.show", delivery_id=shown_id, **params), 303)
