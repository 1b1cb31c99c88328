"""The search of every page: an ID opens its page, a name or an ID in a payload lists what has it,
and any other text is searched for in payloads, step by step."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.events.search_values import searched_value
from app.queries.events import listing as event_queries
from app.queries.events.listing import EventFilter
from app.web.common.access import auth
from app.web.common.filters import TEXT_LIMIT, Params, edge_time
from app.web.search import results

blueprint = Blueprint("search", __name__)

# Events of a step of the search in payloads.
HITS = 20
# Steps that follow each other by themselves; then the reader is asked.
STEPS = 200

TOO_LONG = f"Search for at most {TEXT_LIMIT} characters."
UNREADABLE = "The search contains a character that no payload or name can have. Type it again."
NO_ID = "No delivery, event or webhook of this organization has this ID."


@blueprint.get("/search")
@auth.permission_required("deliveries:read")
def show() -> Response | str:
    text = request.args.get("q", "").strip()
    problem = _problem(text)
    if problem or not text:
        return render_template("search/show.html", q=text[:TEXT_LIMIT], problem=problem, groups=[])
    id_ = results.searched_id(text)
    page_url = results.page_url_of(id_) if id_ else None
    if page_url is not None:
        return redirect(page_url, 303)
    groups = results.groups_of(text)
    reads_payloads = not groups or request.args.get("text") == "yes"
    return render_template(
        "search/show.html",
        q=text,
        problem="",
        no_id=NO_ID if id_ and not groups else "",
        groups=groups,
        not_indexed=searched_value(text) is not None and _is_index_off(),
        **(_step(text) if reads_payloads else {}),
    )


@blueprint.get("/search/suggestions")
@auth.permission_required("deliveries:read")
def suggestions() -> str:
    """The same while it is being typed, without reading payloads one by one."""
    text = request.args.get("q", "").strip()
    problem = _problem(text)
    id_ = None if problem else results.searched_id(text)
    return render_template(
        "search/_suggestions.html",
        q=text[:TEXT_LIMIT],
        problem=problem,
        page_url=results.page_url_of(id_) if id_ else None,
        groups=results.groups_of(text) if text and not problem else [],
    )


@blueprint.get("/search/payloads")
@auth.permission_required("deliveries:read")
def payloads() -> Response | str:
    """The next step of the search in payloads."""
    text = request.args.get("q", "").strip()
    if not text or _problem(text):
        return redirect(url_for("search.show", q=text[:TEXT_LIMIT]), 303)
    return render_template("search/_payload_hits.html", q=text, **_step(text))


def _problem(text: str) -> str:
    if len(text) > TEXT_LIMIT:
        return TOO_LONG
    return UNREADABLE if any(not char.isprintable() for char in text) else ""


def _is_index_off() -> bool:
    organization = auth.current_organization()
    return organization is not None and organization.indexes_values is False


def _step(text: str) -> dict[str, object]:
    cursor = request.args.get("cursor")
    number = request.args.get("step", "1")
    step = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 1
    page = event_queries.page(auth.organization_id(), EventFilter(q=text), HITS, cursor)
    next_: Params = {"q": text, "cursor": page.next_cursor, "step": step + 1}
    return {
        "hits": results.hits_of(page.rows, text),
        "is_first": cursor is None,
        "searched_since": edge_time(page.next_cursor),
        "next_step": url_for("search.payloads", **next_) if page.next_cursor else None,
        "next_page": url_for("search.show", text="yes", **next_) if page.next_cursor else None,
        "goes_on": step % STEPS != 0 and len(page.rows) < HITS,
    }
