"""The search of every page: an ID opens its page, a name lists what has it."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.common import ids
from app.domain.event_types.names import PRODUCT_TYPES
from app.queries import webhooks as webhook_queries
from app.queries.deliveries import listing as delivery_queries
from app.queries.event_types import catalogue as event_type_queries
from app.queries.events import listing as event_queries
from app.queries.events import sources
from app.web.common.access import auth
from app.web.common.filters import TEXT_LIMIT
from app.web.webhooks.names import titles_of

blueprint = Blueprint("search", __name__)

# Results of each kind.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Result:
    """note: shown next to the name. also: (words, URL) of a second link, or None."""

    name: str
    url: str
    note: str = ""
    also: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """has_more: there are more than are shown."""

    title: str
    results: list[Result]
    has_more: bool


@blueprint.get("/search")
@auth.permission_required("deliveries:read")
def show() -> Response | str:
    """Without results: the deliveries with the text in their payload."""
    text = request.args.get("q", "").strip()[:TEXT_LIMIT].replace("\0", "")
    id_ = ids.canonical_id(text.removeprefix("msg_"))
    page_url = _page_url_of(id_) if id_ else None
    if page_url is not None:
        return redirect(page_url, 303)
    groups = _groups(text) if text else []
    if not groups:
        return redirect(url_for("deliveries.index", q=text or None), 303)
    return render_template("search/show.html", q=text, groups=groups)


def _groups(text: str) -> list[Group]:
    kinds = (_webhooks(text), _event_types(text), _sources(text))
    return [group for group in kinds if group.results]


def _webhooks(text: str) -> Group:
    page = webhook_queries.page(auth.organization_id(), SHOWN, q=text)
    titles = titles_of(page.rows)
    results = [
        Result(
            titles[row.id],
            url_for("webhooks.show", webhook_id=row.id),
            row.url if row.name else "",
            ("Deliveries", url_for("deliveries.index", webhook_id=row.id)),
        )
        for row in page.rows
    ]
    return Group("Webhooks", results, page.next_cursor is not None)


def _event_types(text: str) -> Group:
    page = event_type_queries.page(auth.organization_id(), SHOWN, q=text)
    names = {row.name: row.description for row in page.rows}
    names |= dict.fromkeys((name for name in sorted(PRODUCT_TYPES) if text in name), "System event")
    results = [
        Result(
            name,
            url_for("event_types.show", name=name),
            note,
            ("Deliveries", url_for("deliveries.index", event_type=name)),
        )
        for name, note in names.items()
    ]
    return Group("Event types", results[:SHOWN], page.next_cursor is not None)


def _sources(text: str) -> Group:
    names = sources.sources_like(auth.organization_id(), text, SHOWN + 1)
    results = [
        Result(
            name,
            url_for("deliveries.index", source=name),
            also=("Events", url_for("events.index", source=name)),
        )
        for name in names
    ]
    return Group("Sources", results[:SHOWN], len(results) > SHOWN)


def _page_url_of(id_: str) -> str | None:
    organization_id = auth.organization_id()
    if delivery_queries.get(organization_id, id_):
        return url_for("deliveries.show", delivery_id=id_)
    if event_queries.get(organization_id, id_):
        return url_for("events.show", event_id=id_)
    if webhook_queries.get(organization_id, id_):
        return url_for("webhooks.show", webhook_id=id_)
    return None
