"""/api/v1/organizations/<id>/portal-links: create and revoke links to the portal."""

from app.api.common.routes import PREFIX, ApiRoute
from app.api.schemas import accounts as account_schemas
from app.api.schemas.portal import PortalLinkInput
from app.domain.common.clock import iso
from app.domain.portal.links import check_terms
from app.http.bodies import JsonBody
from app.http.messages import Request, Response
from app.services.portal import links as portal_links

PATH = f"{PREFIX}/organizations/<organization_id>/portal-links"
# For the organization's own keys; a platform key may always create links.
SCOPE = "webhooks:manage"


def create(request: Request) -> Response:
    assert request.principal is not None
    terms = check_terms(request.document(optional=True))
    portal_links.check_reach(request.principal, terms.role)
    link = portal_links.create(request.organization_id, terms, request.actor)
    visit = link.visit
    document = account_schemas.PortalLink(
        id=visit.link_id,
        url=link.url,
        organization_id=visit.organization_id,
        role=visit.role,
        expires_at=iso(visit.until),
    )
    return Response(201, document)


def revoke_all(request: Request) -> Response:
    portal_links.revoke_all(request.organization_id, request.actor)
    return Response(204)


ROUTES = (
    ApiRoute(
        "POST",
        PATH,
        create,
        SCOPE,
        operation="createPortalLink",
        summary="Create a portal link, which opens the organization's pages without an account",
        tag="Portal",
        responses={201: account_schemas.PortalLink},
        body=JsonBody(PortalLinkInput, optional=True),
    ),
    ApiRoute(
        "DELETE",
        PATH,
        revoke_all,
        SCOPE,
        operation="revokePortalLinks",
        summary="Revoke all portal links of the organization",
        tag="Portal",
        responses={204: None},
    ),
)
