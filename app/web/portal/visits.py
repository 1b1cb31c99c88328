"""Portal sessions: the visitor of a request, and which origins may frame its pages."""

from flask import Response, current_app, render_template, request, session
from werkzeug.wrappers import Response as AnyResponse

from app.domain.addresses.urls import check_url
from app.services.portal import links as portal
from app.services.portal.links import Visit
from app.web.portal.session import VISIT, organization_inside

# Keys of the environ: the cached visit, and the origins that may frame the response.
VISITOR, FRAMES = "callboard.visit", "callboard.frames"


def is_inside() -> bool:
    """Whether this request is in a portal, with or without a valid visit."""
    return organization_inside() is not None


def current() -> Visit | None:
    """The visit that this request belongs to, if it is still valid."""
    if VISITOR not in request.environ:
        visit = _visit_from_cookie()
        request.environ[VISITOR] = visit if visit is not None and portal.is_valid(visit) else None
    current_visit: Visit | None = request.environ[VISITOR]
    return current_visit


def begin(visit: Visit) -> None:
    """Start a fresh session, so that no CSRF token outlives a visit."""
    session.clear()
    session[VISIT] = visit.document()
    request.environ.pop(VISITOR, None)


def frame_by(visit: Visit) -> None:
    """Let the response be framed as the link permits, before a session exists."""
    request.environ[FRAMES] = visit.origins


def frames() -> tuple[str, ...]:
    """Origins whose pages may show the response in a frame; also of an expired session, so that
    its page can be seen."""
    if not is_inside():
        return ()
    if FRAMES not in request.environ:
        visit = _visit_from_cookie()
        request.environ[FRAMES] = visit.origins if visit else ()
    origins: tuple[str, ...] = request.environ[FRAMES]
    return origins


def logo_origin() -> str | None:
    """From where the response may load the brand's logo."""
    visit = current() if is_inside() else None
    return check_url(visit.brand_logo).origin if visit and visit.brand_logo else None


def over() -> AnyResponse:
    """The page for an expired session. A request for a part of a page is told to load the whole."""
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Refresh": "true"})
    return current_app.make_response((render_template("portal/expired.html"), 401))


def _visit_from_cookie() -> Visit | None:
    """Read the visit from the cookie; it must belong to this portal."""
    visit = portal.visit_of(session.get(VISIT))
    inside = organization_inside()
    return visit if visit is not None and visit.organization_id == inside else None
