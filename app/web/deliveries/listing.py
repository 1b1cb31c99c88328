"""The list of deliveries. The other modules of this package add their routes to its blueprint."""

from collections.abc import Callable, Iterable

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.common.clock import now_ms
from app.domain.common.ids import first_id_of
from app.domain.deliveries.causes import FAILURE_TITLES
from app.domain.deliveries.states import STATES
from app.models import SavedView
from app.queries import saved_views as saved_view_queries
from app.queries.deliveries import listing as delivery_queries
from app.queries.deliveries.listing import DeliveryFilter, DeliveryRow
from app.queries.deliveries.state_counts import by_state
from app.queries.event_types import catalogue as event_type_queries
from app.queries.events import by_value
from app.web.common import filters
from app.web.common.access import auth
from app.web.common.filters import FilterValues
from app.web.common.live_rows import Live, digest_of
from app.web.deliveries import columns
from app.web.webhooks.names import menu_of, missing_of

blueprint = Blueprint("deliveries", __name__, url_prefix="/deliveries")

PAGE = 50


@blueprint.get("")
@auth.permission_required("deliveries:read")
def index() -> str:
    return list_page()


def list_page(view_name: str = "", view_problem: str = "") -> str:
    """The list for the current URL. view_name, view_problem: the name under which a view should be
    saved, and why it could not be."""
    organization_id = auth.organization_id()
    form = filters.read(filters.DELIVERY_FIELDS)
    filter_ = filters.delivery_filter(form)
    cursor = request.args.get("cursor")
    page = None
    if not form.problems:
        page = delivery_queries.page(organization_id, filter_, PAGE, cursor)
    rows = page.rows if page else []
    newest = rows[0].id if rows else first_id_of(now_ms())
    menu = menu_of(organization_id, form.values["webhook_id"])
    missing = missing_of(organization_id, form.values["webhook_id"], menu, "deliveries")
    return render_template(
        "deliveries/index.html",
        page=page,
        form=form,
        cursor=cursor,
        table=columns.read(),
        all_columns=columns.COLUMNS,
        all_times=columns.TIMES,
        counts={} if form.problems else by_state(organization_id, filter_),
        list_params=filters.list_params(form),
        listed_events=_listed_events(organization_id, filter_) if page else None,
        searched_since=filters.edge_time(page.next_cursor if page else None),
        live=Live.of(digests_of(rows), None if cursor else newest),
        states=STATES,
        causes=FAILURE_TITLES,
        webhooks={**menu, **missing.entry},
        missing=missing.sentence,
        event_types=event_type_queries.names(organization_id),
        views=_views(organization_id),
        view_name=view_name,
        view_problem=view_problem,
        link=link_of(form),
    )


@blueprint.post("/columns")
@auth.permission_required("deliveries:read")
def choose_columns() -> Response:
    """Remember them in this browser; without any, the default."""
    params = filters.list_params(filters.read(filters.DELIVERY_FIELDS))
    for name in ("columns", "times"):
        params.pop(name, None)
    response = make_response(redirect(url_for("deliveries.index", **params), 303))
    fields = MultiDict() if request.form.get("reset") else request.form
    columns.remember(response, fields.getlist("column"), fields.get("times", ""))
    return response


def link_of(form: FilterValues) -> Callable[..., str]:
    """A function that returns the URL of the list with some filters changed."""
    params = columns.url_params(request.args)
    return lambda **changes: filters.url_with(form, "deliveries.index", params | changes)


def digests_of(rows: Iterable[DeliveryRow]) -> dict[str, str]:
    """{delivery id: digest of what its row shows}"""
    return {row.id: digest_of(_shown(row)) for row in rows}


def _shown(row: DeliveryRow) -> tuple[object, ...]:
    delivery = row.delivery
    return (
        row.state,
        row.next_attempt_at,
        row.held,
        row.blocked,
        delivery.attempts,
        delivery.last_status,
        delivery.last_cause,
    )


def _listed_events(organization_id: str, filter_: DeliveryFilter) -> int | None:
    """How many events the list is made of, if more may have the value."""
    if filter_.value is None:
        return None
    newest = by_value.newest(organization_id, filter_.value, filter_.until)
    return None if newest.edge is None else len(newest.ids)


def _views(organization_id: str) -> list[SavedView] | None:
    """None for portal visitors: a view belongs to a user."""
    user = auth.current_user()
    return saved_view_queries.listed(organization_id, user.id) if user else None
