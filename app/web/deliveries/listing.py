"""Deliveries: the list. What can be done with one, with many and with the list itself adds its
routes to this blueprint."""

from flask import Blueprint, render_template, request

from app.domain.common.clock import now_ms
from app.domain.common.ids import canonical_id, first_id_of
from app.domain.deliveries.causes import CAUSES, OK
from app.domain.deliveries.states import STATES
from app.models import SavedView, Webhook
from app.queries import event_types, saved_views, webhooks
from app.queries.deliveries import listing as deliveries
from app.web.common import auth, filters
from app.web.common.filters import Given
from app.web.deliveries.live_rows import Live

blueprint = Blueprint("deliveries", __name__, url_prefix="/deliveries")

PAGE = 50
# More webhooks than this are no help in a menu.
MENU = 200


@blueprint.get("")
@auth.permission_required("deliveries:read")
def index() -> str:
    return list_page()


def list_page(view_name: str = "", view_problem: str = "") -> str:
    """The list as its address has it. view_name, view_problem: what somebody wanted to call it, and
    why it could not be saved."""
    organization_id = auth.organization_id()
    form = filters.given(filters.DELIVERY_FIELDS)
    wanted = filters.delivery_filter(form)
    cursor = request.args.get("cursor")
    page = None
    if not form.problems:
        page = deliveries.page(organization_id, wanted, PAGE, cursor)
    rows = page.rows if page else []
    newest = rows[0].id if rows else first_id_of(now_ms())
    return render_template(
        "deliveries/index.html",
        page=page,
        form=form,
        cursor=cursor,
        kept=filters.kept(form),
        live=Live.of(rows, None if cursor else newest),
        states=STATES,
        causes={code: cause.title for code, cause in CAUSES.items() if code != OK},
        webhooks=_menu(organization_id, form),
        event_types=event_types.names(organization_id),
        views=_views(organization_id),
        view_name=view_name,
        view_problem=view_problem,
        link=lambda **changes: filters.url_with(form, "deliveries.index", changes),
    )


def _menu(organization_id: str, form: Given) -> list[Webhook]:
    """To choose from, with the one that is chosen, newest first."""
    found = webhooks.page(organization_id, MENU).rows
    chosen = canonical_id(form.values["webhook_id"])
    if chosen and all(webhook.id != chosen for webhook in found):
        also = webhooks.get(organization_id, chosen)
        found += [also] if also else []
    return found


def _views(organization_id: str) -> list[SavedView] | None:
    """None for whoever can save none: a view is a person's."""
    user = auth.current_user()
    return saved_views.listed(organization_id, user.id) if user else None
