"""One delivery: its story, and what a person can do with it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict
from app.domain.common.ids import canonical_id
from app.domain.deliveries import masking as concealing
from app.domain.deliveries.masking import Masker
from app.domain.deliveries.states import STATES
from app.models import Attempt
from app.queries import webhooks
from app.queries.deliveries import attempts as kept_attempts
from app.queries.deliveries import listing as deliveries
from app.queries.deliveries.listing import DeliveryRow
from app.queries.deliveries.ordering import OrderingQueue, ordering_queue
from app.queries.deliveries.walks import Neighbours, neighbours
from app.services.deliveries import actions as verbs
from app.services.deliveries import sent_requests as sent
from app.web.common import auth, filters
from app.web.deliveries import attempts
from app.web.deliveries.attempts import Detail
from app.web.deliveries.listing import blueprint
from app.web.deliveries.story import sentence

# A page of an open delivery asks this often, in seconds, whether something changed: more seldom
# while nothing is to happen for this long.
POLL, POLL_SELDOM, SOON_MS = 2, 15, 45_000
# The largest number that a column of attempts holds.
GREATEST = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class Shown:
    """opened: of the attempt that the reader asked for. below: earlier attempts than this one are
    shown. concealed: whether secrets are."""

    opened: int | None = None
    below: int | None = None
    concealed: bool = True


@blueprint.get("/<uuid:delivery_id>")
@auth.permission_required("deliveries:read")
def show(delivery_id: UUID) -> str | tuple[str, int]:
    row = _found(delivery_id)
    line = ordering_queue(auth.organization_id(), row.id)
    if request.headers.get("HX-Request") and request.args.get("seen") == _version(row, line):
        return "", 204
    return _page(row, line, Shown(_number("attempt"), _number("before")))


def _found(delivery_id: UUID) -> DeliveryRow:
    return deliveries.get(auth.organization_id(), str(delivery_id)) or abort(404)


def _number(name: str) -> int | None:
    text = request.values.get(name, "")
    is_number = text.isascii() and text.isdigit() and len(text) <= 10
    return min(int(text), GREATEST) if is_number else None


def _page(row: DeliveryRow, line: OrderingQueue | None, shown: Shown) -> str:
    organization_id = auth.organization_id()
    lines = kept_attempts.summaries(organization_id, row.id, shown.below)
    steps = attempts.steps(lines)
    form = filters.given(filters.DELIVERY_FIELDS)
    return render_template(
        "deliveries/show.html",
        row=row,
        delivery=row.delivery,
        state=STATES[row.state],
        steps=steps,
        opened=_opened(row, lines, shown),
        below=shown.below,
        sentence=sentence(row, steps) if shown.below is None else "",
        webhook=webhooks.get(organization_id, row.delivery.webhook_id),
        line=line,
        first=deliveries.get(organization_id, line.head_id) if line and line.head_id else None,
        around=_around(organization_id, form, row.id),
        form=form,
        kept=filters.kept(form),
        version=_version(row, line),
        poll=_poll(row),
    )


def _opened(row: DeliveryRow, lines: list[Attempt], shown: Shown) -> dict[int, Detail]:
    """The last one, and the one that was asked for, by their numbers."""
    numbers = {line.number for line in lines}
    wanted = {lines[-1].number} if lines and shown.below is None else set()
    wanted |= {shown.opened} & numbers if shown.opened is not None else set()
    found = {}
    for number in wanted:
        attempt = kept_attempts.get(row.delivery.organization_id, row.id, number)
        if attempt is not None:
            conceals = shown.concealed or number != shown.opened
            found[number] = _detail(row, attempt, _concealer(row) if conceals else None)
    return found


def _detail(row: DeliveryRow, attempt: Attempt, concealer: Masker | None) -> Detail:
    body = sent.body_of(row.delivery.organization_id, row.delivery)
    return attempts.detail(sent.whole(attempt), body.content if body else None, concealer)


def _concealer(row: DeliveryRow) -> Masker:
    kept = row.delivery
    return concealing.of(webhooks.get_any(kept.organization_id, kept.webhook_id))


def _around(organization_id: str, form: filters.Given, delivery_id: str) -> Neighbours:
    wanted = filters.delivery_filter(form)
    return (
        Neighbours(None, None)
        if form.problems
        else neighbours(organization_id, wanted, delivery_id)
    )


def _poll(row: DeliveryRow) -> int:
    waits_long = row.next_attempt_at is not None and row.next_attempt_at - now_ms() > SOON_MS
    return POLL_SELDOM if waits_long or row.held else POLL


def _version(row: DeliveryRow, line: OrderingQueue | None) -> str:
    """Changes whenever the story does."""
    parts: list[Any] = [row.state, row.delivery.attempts, row.delivery.updated_at]
    parts += [row.next_attempt_at or "", int(row.held), int(row.blocked)]
    parts += [line.head_id, line.ahead, line.behind] if line else []
    return ".".join(str(part) for part in parts)


@blueprint.get("/<uuid:delivery_id>/attempts/<int:number>")
@auth.permission_required("deliveries:read")
def attempt(delivery_id: UUID, number: int) -> str | Response:
    """What one attempt is when it is opened, to be put into the page; without a script, the page
    with it opened."""
    row = _found(delivery_id)
    if not request.headers.get("HX-Request"):
        return redirect(url_for("deliveries.show", delivery_id=row.id, attempt=number), 303)
    made = kept_attempts.get(auth.organization_id(), row.id, min(number, GREATEST)) or abort(404)
    return render_template(
        "deliveries/_attempt.html",
        row=row,
        step=attempts.step(made),
        detail=_detail(row, made, _concealer(row)),
        kept=filters.kept(filters.given(filters.DELIVERY_FIELDS)),
    )


@blueprint.post("/<uuid:delivery_id>/reveal")
@auth.permission_required("webhooks:manage")
def reveal(delivery_id: UUID) -> Response:
    """By POST, so that no address and no look ahead of a browser shows what is in confidence."""
    row = _found(delivery_id)
    shown = Shown(_number("attempt"), _number("before"), concealed=False)
    response = make_response(_page(row, ordering_queue(auth.organization_id(), row.id), shown))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/<uuid:delivery_id>/body")
@auth.permission_required("deliveries:read")
def body(delivery_id: UUID) -> Response:
    """What its attempts carried, as a file."""
    row = _found(delivery_id)
    content = (sent.body_of(auth.organization_id(), row.delivery) or abort(404)).content
    if not auth.allows("webhooks:manage"):
        content = _concealer(row).body(content)
    response = make_response(content)
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["Content-Disposition"] = f'attachment; filename="{row.id}.body"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.post("/<uuid:delivery_id>/resend")
@auth.permission_required("deliveries:resend")
def resend(delivery_id: UUID) -> Response:
    try:
        verbs.resend(auth.organization_id(), str(delivery_id), auth.actor())
        flash("It is due now. The receiver sees the same webhook-id.", "success")
    except Conflict as error:
        flash(error.detail, "error")
    return _back(delivery_id)


@blueprint.post("/<uuid:delivery_id>/cancel")
@auth.permission_required("deliveries:resend")
def cancel(delivery_id: UUID) -> Response:
    try:
        verbs.cancel(auth.organization_id(), str(delivery_id), auth.actor())
        flash("Cancelled. No further attempt is made.", "success")
    except Conflict as error:
        flash(error.detail, "error")
    return _back(delivery_id)


def _back(delivery_id: UUID) -> Response:
    """To its story, or to that of the delivery that waited for it; in the same list."""
    seen = canonical_id(request.form.get("back")) or str(delivery_id)
    kept = filters.kept(filters.given(filters.DELIVERY_FIELDS))
    return redirect(url_for("deliveries.show", delivery_id=seen, **kept), 303)
