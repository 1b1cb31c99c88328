"""Links that open the organization's pages to somebody without an account."""

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField, TextAreaField

from app.domain.common.errors import Invalid
from app.domain.portal.links import PORTAL_ROLES, check_terms
from app.services.portal import links as portal
from app.services.portal.links import NewLink
from app.web.accounts.forms import refused
from app.web.accounts.organization import private
from app.web.common import auth
from app.web.common.forms import CallboardForm, choices, lines

blueprint = Blueprint("portal_links", __name__, url_prefix="/settings/portal")

MANAGE = "organization:manage"
ROLE_WORDS = {
    "member": "Member: webhooks, events and resending",
    "viewer": "Viewer: looks, and changes nothing",
}
LIFETIMES = {"3600": "An hour", "28800": "8 hours", "86400": "A day", "604800": "A week"}


class PortalLinkForm(CallboardForm):
    visitor = StringField("Who it is for")
    role = SelectField("Role", choices=choices({role: ROLE_WORDS[role] for role in PORTAL_ROLES}))
    expires_in = SelectField("Good for", choices=choices(LIFETIMES))
    brand_name = StringField("Name in the bar")
    brand_color = StringField("Colour of the bar")
    allowed_origins = TextAreaField("Sites that may show it in a frame")

    def given(self) -> dict[str, object]:
        texts = {
            name: (self[name].data or "").strip() or None
            for name in ("visitor", "brand_name", "brand_color", "role")
        }
        origins = lines(self.allowed_origins.data)
        return {**texts, "expires_in": int(self.expires_in.data), "allowed_origins": origins}


@blueprint.get("")
@auth.permission_required(MANAGE)
def index() -> Response:
    return _page(PortalLinkForm(None))


@blueprint.post("")
@auth.permission_required(MANAGE)
def create() -> Response:
    """Shows the link in the answer itself: it is kept nowhere."""
    form = PortalLinkForm()
    if not form.validate():
        return _page(form, status=422)
    try:
        terms = check_terms(form.given())
    except Invalid as error:
        return _page(refused(form, error), status=422)
    made = portal.create(auth.organization_id(), terms, auth.actor())
    return _page(PortalLinkForm(None), made)


@blueprint.post("/end")
@auth.permission_required(MANAGE)
def end() -> Response:
    portal.end_all(auth.organization_id(), auth.actor())
    flash("Every portal link that was made until now is ended.", "success")
    return redirect(url_for("portal_links.index"), 303)


def _page(form: PortalLinkForm, made: NewLink | None = None, *, status: int = 200) -> Response:
    page = render_template("portal/links.html", form=form, made=made)
    return private(make_response(page, status))
