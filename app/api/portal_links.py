"""/api/v1/organizations/<id>/portal-links: pages for consumers without an account."""

from app.api.routes import PREFIX, ApiRoute
from app.api.schemas import accounts as account_shapes
from app.api.schemas import requests as inputs
from app.domain.common.clock import iso
from app.domain.portal.links import check_terms
from app.http.bodies import JsonBody
from app.http.messages import Request, Response
from app.services.portal import links as portal

PATH = f"{PREFIX}/organizations/<organization_id>/portal-links"
# Of a key of the organization itself; a platform key makes links for all.
SCOPE = "webhooks:manage"


def create(request: Request) -> Response:
    assert request.principal is not None
    terms = check_terms(request.document(optional=True))
    portal.check_reach(request.principal, terms.role)
    made = portal.create(request.organization_id, terms, request.actor)
    visit = made.visit
    shown = account_shapes.PortalLink(
        id=visit.link_id,
        url=made.url,
        organization_id=visit.organization_id,
        role=visit.role,
        expires_at=iso(visit.until),
    )
    return Response(201, shown, (("Cache-Control", "no-store"),))


def end_all(request: Request) -> Response:
    portal.end_all(request.organization_id, request.actor)
    return Response(204)


ROUTES = (
    ApiRoute(
        "POST",
        PATH,
        create,
        SCOPE,
        summary="Make a link that opens the organization's pages to somebody without an account",
        tag="Portal",
        responses={201: account_shapes.PortalLink},
        body=JsonBody(inputs.PortalLinkInput, optional=True),
    ),
    ApiRoute(
        "DELETE",
        PATH,
        end_all,
        SCOPE,
        summary="End every portal link of the organization that was made until now",
        tag="Portal",
        responses={204: None},
    ),
)
