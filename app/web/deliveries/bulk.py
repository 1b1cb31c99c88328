"""Many deliveries at once: how many they are first, then resend or cancel, a stretch at a time."""

from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qsl, urlencode

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.clock import now_ms
from app.domain.common.ids import canonical_id
from app.queries.deliveries import listing as deliveries
from app.queries.deliveries.listing import DeliveryFilter
from app.queries.deliveries.walks import Counted, counted
from app.services.deliveries.bulk import AT_ONCE, Verb, act_on_set, act_on_some, eligible
from app.web.common import auth, filters, formats
from app.web.deliveries.listing import blueprint

# One request works for about this long, in seconds; then the page goes on by itself.
STRETCH = 2.0
WORDS = {"resend": ("is due now", "are due now"), "cancel": ("is cancelled", "are cancelled")}
# In characters: the filters of a list as they stand in its address.
LONGEST = 8000
NOTHING = "Select deliveries first, with the boxes at the left of their rows."


@dataclass(frozen=True, slots=True)
class Sure:
    """What a person is asked before it is done. ids: of a selection; () for all that match.
    possible: to how many it can be done; left_out: how many of the selection it cannot."""

    verb: Verb
    ids: tuple[str, ...]
    possible: Counted
    left_out: int = 0


@blueprint.get("/resend", defaults={"verb": "resend"})
@blueprint.get("/cancel", defaults={"verb": "cancel"})
@auth.permission_required("deliveries:resend")
def ask_for_set(verb: str) -> str | Response:
    """All that match the filters in the address."""
    form = filters.given(filters.DELIVERY_FIELDS)
    wanted = filters.delivery_filter(form)
    if form.problems:
        return _to_list(form)
    until = filters.fixed(form, now_ms() + 1)
    known = cast("Verb", verb)
    possible = counted(auth.organization_id(), wanted, also=eligible(known))
    return _ask(Sure(known, (), possible), until, form)


@blueprint.post("/resend", defaults={"verb": "resend"})
@blueprint.post("/cancel", defaults={"verb": "cancel"})
@auth.permission_required("deliveries:resend")
def act_on(verb: str) -> str | Response:
    """A selection: asks first, and acts when the answer is there. All that match: one stretch."""
    form = filters.given(filters.DELIVERY_FIELDS)
    wanted, known = filters.delivery_filter(form), cast("Verb", verb)
    ids = tuple(filter(None, map(canonical_id, request.form.getlist("id")[:AT_ONCE])))
    if form.problems:
        return _to_list(form)
    if request.form.get("sure") != "yes":
        return _ask_for_some(known, ids, form)
    if request.form.get("of") == "set":
        return _next_stretch(known, wanted, form)
    number = act_on_some(auth.organization_id(), ids, auth.actor(), known) if ids else 0
    _tell(known, number)
    return _to_list(form)


def _ask_for_some(verb: Verb, ids: tuple[str, ...], form: filters.Given) -> str | Response:
    if not ids:
        flash(NOTHING, "warning")
        return _to_list(form)
    rows = deliveries.get_many(auth.organization_id(), ids, also=eligible(verb))
    fit = tuple(row.id for row in rows)
    possible = Counted(len(fit), is_all=True)
    return _ask(Sure(verb, fit, possible, len(set(ids)) - len(fit)), form.held, form)


def _ask(sure: Sure, held: dict[str, str], form: filters.Given) -> str:
    """As a page of its own, or as what a dialog over the list shows."""
    part = (
        "deliveries/_confirm.html"
        if request.headers.get("HX-Request")
        else "deliveries/confirm.html"
    )
    return render_template(
        part, sure=sure, held=held, kept=filters.kept(form), form=form, back=urlencode(form.held)
    )


def _next_stretch(verb: Verb, wanted: DeliveryFilter, form: filters.Given) -> str | Response:
    organization_id, actor = auth.organization_id(), auth.actor()
    after = canonical_id(request.form.get("after"))
    done = act_on_set(organization_id, wanted, actor, verb, after=after, seconds=STRETCH)
    number = _count("number") + done.number
    if done.after is None:
        _tell(verb, number)
        return _to_list(form)
    return render_template(
        "deliveries/progress.html",
        verb=verb,
        number=number,
        total=max(_count("total"), number),
        after=done.after,
        held=form.held,
        back=request.form.get("list", ""),
    )


def _count(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _tell(verb: Verb, number: int) -> None:
    one, many = WORDS[verb]
    if number:
        words = (
            f"{formats.plural(number, 'delivery', 'deliveries')} {one if number == 1 else many}."
        )
        flash(words, "success")
    else:
        flash("Nothing was left to do: they have changed meanwhile.", "info")


def _to_list(form: filters.Given) -> Response:
    """With the filters that the reader had: for a set they were made fixed meanwhile."""
    url = url_for("deliveries.index", **_list_filters() or filters.kept(form))
    if request.headers.get("HX-Request"):
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url, 303)


def _list_filters() -> dict[str, str]:
    given = parse_qsl(request.form.get("list", "")[:LONGEST])
    return {name: value for name, value in given if name in filters.DELIVERY_FIELDS}
