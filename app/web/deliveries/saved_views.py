"""Views of the list of deliveries that a person keeps under a name."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.errors import Forbidden, Invalid
from app.models import User
from app.services.deliveries import saved_views as verbs
from app.web.common import auth, filters
from app.web.deliveries.listing import blueprint, list_page


@blueprint.post("/views")
@auth.permission_required("deliveries:read")
def save_view() -> Response | tuple[str, int]:
    form = filters.given(filters.DELIVERY_FIELDS)
    filters.delivery_filter(form)
    name = request.form.get("name", "")
    if form.problems:
        return list_page(), 422
    try:
        view = verbs.create(auth.organization_id(), _person().id, name, form.held, auth.actor())
    except Invalid as error:
        wrong = error.errors[0]
        return list_page(name, f"{wrong.problem} {wrong.remedy}"), 422
    flash(f"Saved as {view.name}.", "success")
    return redirect(url_for("deliveries.index", **form.held), 303)


@blueprint.post("/views/<uuid:view_id>/delete")
@auth.permission_required("deliveries:read")
def delete_view(view_id: object) -> Response:
    name = verbs.delete(auth.organization_id(), _person().id, str(view_id), auth.actor())
    flash(f"The view {name} is deleted; no delivery is.", "success")
    return redirect(url_for("deliveries.index"), 303)


def _person() -> User:
    user = auth.current_user()
    if user is None:
        raise Forbidden("A view is saved for a person, and you are here by a link.")
    return user
