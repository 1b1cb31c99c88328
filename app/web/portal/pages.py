"""Open portal links, and limit which pages a visitor sees."""

from flask import Blueprint, Flask, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.domain.common.errors import Unauthorized
from app.services.portal import links as portal
from app.web.portal import visits
from app.web.portal.brand import stylesheet
from app.web.portal.session import Prefix, Sessions, organization_inside

blueprint = Blueprint("portal", __name__)

# Blueprints whose pages a visitor may see. New ones stay hidden until they are added.
PAGES = frozenset(
    {
        "assets",
        "deliveries",
        "attempts",
        "event_types",
        "events",
        "first_steps",
        "issues",
        "jobs",
        "moved",
        "overview",
        "portal",
        "search",
        "shell",
        "static",
        "test_inbox",
        "webhooks",
    }
)


def keep_inside() -> None:
    """Before every request: 404 for pages that a visitor may not see."""
    if request.endpoint is not None and not is_shown(request.endpoint):
        abort(404)


def is_shown(endpoint: str) -> bool:
    """Whether the endpoint exists here: PAGES inside a portal, everything else outside."""
    name = endpoint.partition(".")[0]
    return name in PAGES if visits.is_inside() else name != "portal"


@blueprint.get("/enter/<token>")
def enter(token: str) -> AnyResponse:
    """Open a portal link, any number of times. A prefetch opens nothing."""
    if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return Response(status=204)
    visit = portal.read(token)
    if visit is None or visit.organization_id != organization_inside():
        return visits.over()
    visits.frame_by(visit)
    try:
        portal.enter(visit, request.remote_addr)
    except Unauthorized:
        return visits.over()
    visits.begin(visit)
    return redirect(url_for("overview.show"), 303)


@blueprint.get("/brand/<color>.css")
def brand(color: str) -> Response:
    return stylesheet(color, ":root") or abort(404)


def register(app: Flask) -> None:
    """Install the prefix, the sessions and the page filter of portals."""
    app.session_interface = Sessions(app.session_interface)
    app.wsgi_app = Prefix(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(keep_inside)
