"""/api/v1/organizations/<id>/portal-links: pages for consumers without an account."""

from app.api.route import PREFIX, Answer, Call, Route
from app.api.schemas import accounts as account_shapes
from app.api.schemas import requests as inputs
from app.domain.common.clock import iso
from app.domain.portal.links import check_terms
from app.services.portal import links as portal

PATH = f"{PREFIX}/organizations/<organization_id>/portal-links"
# Of a key of the organization itself; a platform key makes links for all.
SCOPE = "webhooks:manage"


def create(call: Call) -> Answer:
    assert call.principal is not None
    terms = check_terms(call.document(optional=True))
    portal.check_reach(call.principal, terms.role)
    made = portal.create(call.organization_id, terms, call.actor)
    visit = made.visit
    shown = account_shapes.PortalLink(
        id=visit.link_id,
        url=made.url,
        organization_id=visit.organization_id,
        role=visit.role,
        expires_at=iso(visit.until),
    )
    return Answer(201, shown, (("Cache-Control", "no-store"),))


def end_all(call: Call) -> Answer:
    portal.end_all(call.organization_id, call.actor)
    return Answer(204)


ROUTES = (
    Route(
        "POST",
        PATH,
        create,
        "Make a link that opens the organization's pages to somebody without an account",
        "Portal",
        {201: account_shapes.PortalLink},
        SCOPE,
        body=inputs.PortalLinkInput,
        body_optional=True,
    ),
    Route(
        "DELETE",
        PATH,
        end_all,
        "End every portal link of the organization that was made until now",
        "Portal",
        {204: None},
        SCOPE,
    ),
)
