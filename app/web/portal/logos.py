"""The uploaded logo: served to the portal's visitors and to its owners; upload and remove.

It is an image that was built anew from its checked parts, and it is served so that nothing else
could come of it: with its own type, no sniffing, no scripts, and to no other site.
"""

from flask import Response, abort, flash, redirect, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from app.domain.common.errors import Invalid
from app.domain.portal.logos import MAX_BYTES
from app.models import PortalLogo
from app.queries.accounts import portal as portal_queries
from app.services.portal import logos
from app.web.common.access import auth
from app.web.portal import links, pages, visits

SHOWN_BY = pages.blueprint
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Disposition": "inline",
    # The URL has the content's digest.
    "Cache-Control": "private, max-age=86400",
}


@SHOWN_BY.get("/brand/logo/<logo_id>")
def logo(logo_id: str) -> Response:
    visit = visits.current()
    return _image(visit.organization_id if visit is not None else None, logo_id)


@links.blueprint.get("/logo/<logo_id>")
@auth.permission_required(links.MANAGE)
def preview_logo(logo_id: str) -> Response:
    return _image(auth.organization_id(), logo_id)


@links.blueprint.post("/logo")
@auth.permission_required(links.MANAGE)
def upload_logo() -> AnyResponse:
    file = request.files.get("logo")
    content = file.read(MAX_BYTES + 1) if isinstance(file, FileStorage) else b""
    try:
        logos.store(auth.organization_id(), content, auth.actor())
    except Invalid as error:
        form = links.LogoForm(None)
        form.take_errors(error.errors)
        return links.page(links.PortalLinkForm(None), logo_form=form, status=422)
    flash("Logo saved. Portals show it from now on.", "success")
    return redirect(url_for("portal_links.index"), 303)


@links.blueprint.post("/logo/remove")
@auth.permission_required(links.MANAGE)
def remove_logo() -> AnyResponse:
    logos.remove(auth.organization_id(), auth.actor())
    flash("Logo removed.", "success")
    return redirect(url_for("portal_links.index"), 303)


def _image(organization_id: str | None, digest: str) -> Response:
    """404 also for a logo that was replaced."""
    row: PortalLogo | None = None
    if organization_id is not None:
        row = portal_queries.logo(organization_id)
    if row is None or row.digest != digest:
        abort(404)
    return Response(row.content, mimetype=row.media_type, headers=HEADERS)
