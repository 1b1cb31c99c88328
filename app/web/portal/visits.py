"""A visit by a portal link: who is inside without an account, and whose frames they may be in."""

from flask import Response, current_app, render_template, request, session
from werkzeug.wrappers import Response as AnyResponse

from app.services.portal import links as portal
from app.services.portal.links import Visit
from app.web.portal.session import VISIT, organization_inside

# In the environ: the visit, or None, once it was looked for; whose frames an answer may be in.
FOUND, FRAMES = "callboard.visit", "callboard.frames"


def is_inside() -> bool:
    """Whether this request is in a portal, with or without a valid visit."""
    return organization_inside() is not None


def current() -> Visit | None:
    """The visit that this request belongs to, if it is still valid."""
    if FOUND not in request.environ:
        visit = _said()
        request.environ[FOUND] = visit if visit is not None and portal.is_valid(visit) else None
    found: Visit | None = request.environ[FOUND]
    return found


def begin(visit: Visit) -> None:
    """From nothing, so that no token against forgery outlives a visit."""
    session.clear()
    session[VISIT] = visit.document()
    request.environ.pop(FOUND, None)


def frame_by(visit: Visit) -> None:
    """This answer is about that link, although nobody came in by it."""
    request.environ[FRAMES] = visit.origins


def frames() -> tuple[str, ...]:
    """The origins whose pages may show this answer in a frame; also for a visit that is over, so
    that the page that says so can be seen."""
    if not is_inside():
        return ()
    if FRAMES not in request.environ:
        visit = _said()
        request.environ[FRAMES] = visit.origins if visit else ()
    found: tuple[str, ...] = request.environ[FRAMES]
    return found


def over() -> AnyResponse:
    """The page that says that a visit is over; where a part of a page was asked for, the order to
    load the whole, which then says so."""
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Refresh": "true"})
    return current_app.make_response((render_template("portal/expired.html"), 401))


def _said() -> Visit | None:
    """What the cookie says; it must be of this very portal."""
    visit = portal.visit_of(session.get(VISIT))
    inside = organization_inside()
    return visit if visit is not None and visit.organization_id == inside else None
