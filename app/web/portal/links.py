"""Portal links: create them, and revoke all of them."""

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField, TextAreaField

from app.domain.common.errors import Invalid
from app.domain.portal.colors import check_color
from app.domain.portal.links import MAX_NAME_LENGTH, PORTAL_ROLES, check_terms
from app.queries.accounts import portal as portal_queries
from app.services.portal import links as portal
from app.services.portal.links import NewLink
from app.web.accounts.forms import refused
from app.web.accounts.organization import private
from app.web.common.access import auth
from app.web.common.forms import CallboardForm, choices, lines
from app.web.portal.brand import stylesheet

blueprint = Blueprint("portal_links", __name__, url_prefix="/settings/portal")

MANAGE = "organization:manage"
ROLE_WORDS = {
    "member": "Member: webhooks, events and resending",
    "consumer": "Consumer: webhooks and resending, but no events",
    "viewer": "Viewer: read only",
}
LIFETIMES = {"3600": "1 hour", "28800": "8 hours", "86400": "1 day", "604800": "1 week"}


class PortalLinkForm(CallboardForm):
    subject = "Portal link"
    visitor = StringField("Label")
    role = SelectField("Role", choices=choices({role: ROLE_WORDS[role] for role in PORTAL_ROLES}))
    expires_in = SelectField("Expires in", choices=choices(LIFETIMES))
    brand_name = StringField("Brand name")
    brand_color = StringField("Brand colour")
    brand_logo = StringField("Brand logo")
    allowed_origins = TextAreaField("Allowed iframe origins")

    def values(self) -> dict[str, object]:
        texts = {
            name: (self[name].data or "").strip() or None
            for name in ("visitor", "brand_name", "brand_color", "brand_logo", "role")
        }
        origins = lines(self.allowed_origins.data)
        return {**texts, "expires_in": int(self.expires_in.data), "allowed_origins": origins}


class LogoForm(CallboardForm):
    subject = "Portal logo"
    logo = FileField("Image", render_kw={"accept": "image/png,image/jpeg,image/webp"})


@blueprint.get("")
@auth.permission_required(MANAGE)
def index() -> Response:
    return page(PortalLinkForm(None))


@blueprint.post("")
@auth.permission_required(MANAGE)
def create() -> Response:
    """Show the link in the response itself, because it is not stored."""
    form = PortalLinkForm()
    if not form.validate():
        return page(form, status=422)
    try:
        terms = check_terms(form.values())
    except Invalid as error:
        return page(refused(form, error), status=422)
    link = portal.create(auth.organization_id(), terms, auth.actor())
    return page(PortalLinkForm(None), link)


@blueprint.get("/preview")
@auth.permission_required(MANAGE)
def preview() -> str:
    """What the portal looks like with a colour and a name, for the page to insert meanwhile."""
    try:
        color = check_color(request.args.get("brand_color", "").strip(), "brand_color")
    except Invalid:
        color = None
    name = request.args.get("brand_name", "").strip()[:MAX_NAME_LENGTH]
    return render_template("portal/_preview.html", color=color, name=name)


@blueprint.get("/brand.css")
@auth.permission_required(MANAGE)
def brand() -> Response:
    return stylesheet(request.args.get("color", "1d3fb4")[:6], ".brand-preview") or abort(404)


@blueprint.post("/end")
@auth.permission_required(MANAGE)
def end() -> Response:
    portal.revoke_all(auth.organization_id(), auth.actor())
    flash("All portal links revoked.", "success")
    return redirect(url_for("portal_links.index"), 303)


def page(
    form: PortalLinkForm,
    link: NewLink | None = None,
    *,
    logo_form: LogoForm | None = None,
    status: int = 200,
) -> Response:
    html = render_template(
        "portal/links.html",
        form=form,
        link=link,
        logo_form=logo_form or LogoForm(None),
        logo=portal_queries.logo_digest(auth.organization_id()),
    )
    return private(make_response(html, status))
