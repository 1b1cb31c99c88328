"""Resend or cancel many deliveries: confirm the number first; more than a page becomes a job."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict
from app.domain.common.ids import canonical_id
from app.queries.deliveries import listing as delivery_queries
from app.queries.deliveries.listing import DeliveryFilter
from app.queries.deliveries.walks import Counted, counted
from app.services.deliveries.bulk import (
    AT_ONCE,
    Verb,
    act_on_set,
    act_on_some,
    check_is_whole,
    eligible,
)
from app.services.jobs import service as jobs
from app.web.common import filters
from app.web.common.access import auth
from app.web.common.rendering import formats
from app.web.deliveries import holds
from app.web.deliveries.holds import Hold
from app.web.deliveries.listing import PAGE, blueprint

OUTCOMES = {"resend": "queued for resend", "cancel": "cancelled"}
# Characters of the list's filters in a form field.
MAX_LIST_PARAMS = 8000
NOTHING_SELECTED = "Select at least one delivery first."


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the user has to confirm. ids: the selected deliveries; () for all that match the
    filters. eligible: how many will be resent or cancelled. ineligible: how many of the selection
    will not. holds: which of a resend stay on hold."""

    verb: Verb
    ids: tuple[str, ...]
    eligible: Counted
    ineligible: int = 0
    holds: tuple[Hold, ...] = ()


@blueprint.get("/resend", defaults={"verb": "resend"})
@blueprint.get("/cancel", defaults={"verb": "cancel"})
@auth.permission_required("deliveries:resend")
def confirm_matching(verb: Verb) -> str | Response:
    """Ask about all deliveries that match the filters in the URL."""
    form = filters.read(filters.DELIVERY_FIELDS)
    filter_ = filters.delivery_filter(form)
    if form.problems:
        return _to_list(form)
    try:
        check_is_whole(auth.organization_id(), filter_)
    except Conflict as error:
        flash(error.detail, "error")
        return _to_list(form)
    params = filters.pinned(form, now_ms() + 1)
    number = counted(auth.organization_id(), filter_, also=eligible(verb))
    on_hold = holds.of_matching(auth.organization_id(), filter_) if verb == "resend" else []
    return _confirm(Confirmation(verb, (), number, holds=tuple(on_hold)), params, form)


@blueprint.post("/resend", defaults={"verb": "resend"})
@blueprint.post("/cancel", defaults={"verb": "cancel"})
@auth.permission_required("deliveries:resend")
def act(verb: Verb) -> str | Response:
    """A selection: ask first, then act. All that match: at once, or as a job."""
    form = filters.read(filters.DELIVERY_FIELDS)
    filter_ = filters.delivery_filter(form)
    ids = tuple(filter(None, map(canonical_id, request.form.getlist("id")[:AT_ONCE])))
    if form.problems:
        return _to_list(form)
    if request.form.get("confirmed") != "yes":
        return _confirm_selection(verb, ids, form)
    if request.form.get("scope") == "matching":
        return _act_on_all(verb, filter_, form)
    rows = delivery_queries.get_many(auth.organization_id(), ids, also=eligible(verb))
    number = act_on_some(auth.organization_id(), ids, auth.actor(), verb) if ids else 0
    on_hold = holds.of_rows(auth.organization_id(), rows) if verb == "resend" else []
    _flash_outcome(verb, number, sum(hold.counted.number for hold in on_hold))
    return _to_list(form)


def _confirm_selection(
    verb: Verb, ids: tuple[str, ...], form: filters.FilterValues
) -> str | Response:
    if not ids:
        flash(NOTHING_SELECTED, "warning")
        return _to_list(form)
    rows = delivery_queries.get_many(auth.organization_id(), ids, also=eligible(verb))
    eligible_ids = tuple(row.id for row in rows)
    number = Counted(len(eligible_ids), is_all=True)
    ineligible = len(set(ids)) - len(eligible_ids)
    on_hold = holds.of_rows(auth.organization_id(), rows) if verb == "resend" else []
    confirmation = Confirmation(verb, eligible_ids, number, ineligible, tuple(on_hold))
    return _confirm(confirmation, form.active, form)


def _confirm(confirmation: Confirmation, params: filters.Params, form: filters.FilterValues) -> str:
    """A page of its own, or the content of the dialog over the list. params: the filters to act
    on."""
    in_dialog = bool(request.headers.get("HX-Request"))
    return render_template(
        "deliveries/_confirmation.html" if in_dialog else "deliveries/confirm.html",
        confirmation=confirmation,
        params=params,
        list_params=filters.list_params(form),
        form=form,
        encoded_list=urlencode(filters.list_params(form)),
    )


def _act_on_all(verb: Verb, filter_: DeliveryFilter, form: filters.FilterValues) -> Response:
    """As many as a page of the list has at once; more as a job."""
    organization_id, actor = auth.organization_id(), auth.actor()
    number = counted(organization_id, filter_, also=eligible(verb), at_most=PAGE)
    try:
        if number.is_all:
            on_hold = holds.of_matching(organization_id, filter_) if verb == "resend" else []
            done = act_on_set(organization_id, filter_, actor, verb).number
            _flash_outcome(verb, done, min(done, sum(hold.counted.number for hold in on_hold)))
            return _to_list(form)
        job = jobs.start_matching(organization_id, filter_, actor, verb)
    except Conflict as error:
        flash(error.detail, "error")
        return _to_list(form)
    return redirect(url_for("jobs.show", job_id=job.id), 303)


def _flash_outcome(verb: Verb, number: int, on_hold: int = 0) -> None:
    """on_hold: how many of them wait until their webhook sends again."""
    if number:
        deliveries = formats.plural(number, "delivery", "deliveries")
        waiting = f" {formats.number(on_hold)} of them on hold until the webhook sends again."
        flash(f"{deliveries} {OUTCOMES[verb]}.{waiting if on_hold else ''}", "success")
    else:
        flash("Nothing to do: the deliveries have changed in the meantime.", "info")


def _to_list(form: filters.FilterValues) -> Response:
    """Back to the list with the user's own filters: `form` may hold pinned times instead."""
    url = url_for("deliveries.index", **_posted_list_params() or filters.list_params(form))
    if request.headers.get("HX-Request"):
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url, 303)


def _posted_list_params() -> filters.Params:
    pairs = parse_qsl(request.form.get("list", "")[:MAX_LIST_PARAMS])
    names = (*filters.DELIVERY_FIELDS, *filters.LIST_FIELDS)
    return {name: value for name, value in pairs if name in names}
