"""Save and delete views: filters of the list of deliveries that a user has named."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.errors import Forbidden, Invalid
from app.models import User
from app.services.deliveries import saved_views as saved_view_service
from app.web.common import filters
from app.web.common.access import auth
from app.web.common.problems import error_text
from app.web.deliveries.listing import blueprint, list_page


@blueprint.post("/views")
@auth.permission_required("deliveries:read")
def save_view() -> Response | tuple[str, int]:
    form = filters.read(filters.DELIVERY_FIELDS)
    filters.delivery_filter(form)
    name = request.form.get("name", "")
    if form.problems:
        return list_page(), 422
    try:
        view = saved_view_service.create(
            auth.organization_id(), _user().id, name, form.active, auth.actor()
        )
    except Invalid as error:
        return list_page(name, error_text(error.errors[0])), 422
    flash(f"View {view.name} saved.", "success")
    return redirect(url_for("deliveries.index", **form.active), 303)


@blueprint.post("/views/<uuid:view_id>/delete")
@auth.permission_required("deliveries:read")
def delete_view(view_id: UUID) -> Response:
    name = saved_view_service.delete(auth.organization_id(), _user().id, str(view_id), auth.actor())
    flash(f"View {name} deleted. Its deliveries are unchanged.", "success")
    return redirect(url_for("deliveries.index"), 303)


def _user() -> User:
    user = auth.current_user()
    if user is None:
        raise Forbidden("Saving a view requires an account.")
    return user
