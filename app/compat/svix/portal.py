"""/api/v1/auth: links to the portal, which Svix calls the app portal."""

from app.compat.svix.common.fields import Body
from app.domain.portal.links import check_terms
from app.http.messages import Request, Response
from app.services.portal import links

HOUR, WEEK = 3_600, 7 * 86_400
# Without it a portal is only looked at.
_MANAGE = "ManageEndpoint"


def create(request: Request) -> Response:
    """Also for a path that Svix has since renamed. `application` is ignored: it exists."""
    assert request.principal is not None, "the route needs a key"
    body = Body(request.fields)
    body.refuse("Feature flags are not supported.", "featureFlags")
    body.refuse("Portal links have no sessions: all of them are revoked at once.", "sessionId")
    expiry, capabilities = body.whole("expiry", HOUR, WEEK), body.strings("capabilities")
    is_viewer = body.flag("readOnly") or (capabilities is not None and _MANAGE not in capabilities)
    body.done()
    role = "viewer" if is_viewer else "member"
    terms = check_terms({"expires_in": expiry or WEEK, "role": role})
    links.check_reach(request.principal, role)
    url = links.create(request.organization_id, terms, request.actor).url
    return Response(200, {"url": url, "token": url.rpartition("/")[2]})


def expire_all(request: Request) -> Response:
    body = Body(request.fields)
    body.refuse("Portal links have no sessions: all of them are revoked at once.", "sessionIds")
    body.refuse("Portal links are revoked at once; a delay is not supported.", "expiry")
    body.done()
    links.revoke_all(request.organization_id, request.actor)
    return Response(204)
