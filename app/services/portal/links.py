"""Portal links: a signed address that opens an organization's pages to somebody without an account.

A link is not stored: it carries its terms, signed, and may be opened as often as one likes until it
expires; whatever was opened by it ends then, too. To end links sooner, each carries the number of
its organization's *generation*, a row that is read on every request: raising it ends all links that
were made before, at once. There is no ending of a single link, since most live for an hour and are
made by a program each time that its page is shown; whoever must be able to turn one consumer out
gives links short lives.
"""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from app.domain.accounts.permissions import ROLES
from app.domain.common.clock import now_ms
from app.domain.common.errors import Forbidden, NotFound, Unauthorized
from app.domain.common.ids import new_id
from app.domain.portal.links import PORTAL_ROLES, Terms
from app.models import Organization, PortalGeneration
from app.models.base import db
from app.queries import accounts
from app.queries import portal as queries
from app.runtime.context import runtime
from app.services.accounts import signed_links as links
from app.services.accounts.actor import Actor
from app.services.accounts.api_keys import Principal
from app.services.audit import log as audit
from app.store.transaction import write_transaction

PURPOSE = "portal"
# Whether it has expired, the link's own `until` says; so that an old one still tells who may frame
# the page that says so.
_SIGNED_FOR_SECONDS = 10 * 365 * 86_400
DEAD_LINK = "This link has expired, or was ended. Go back to where you found it and open it again."


@dataclass(frozen=True, slots=True)
class Visit:
    """What a link allows. until: milliseconds since the epoch. origins: whose pages may frame it.
    link_id: under which the audit log knows it."""

    link_id: str
    organization_id: str
    generation: int
    until: int
    role: str
    visitor: str
    brand_name: str
    brand_color: str
    origins: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        return asdict(self) | {"origins": list(self.origins)}

    def actor(self, address: str | None) -> Actor:
        return Actor("portal", self.link_id, self.visitor or "Portal visitor", address)


@dataclass(frozen=True, slots=True)
class NewLink:
    url: str
    visit: Visit


def create(organization_id: str, terms: Terms, actor: Actor) -> NewLink:
    """NotFound: the organization."""
    if accounts.organization(organization_id) is None:
        raise NotFound
    visit = Visit(
        link_id=new_id(),
        organization_id=organization_id,
        generation=queries.generation(organization_id),
        until=now_ms() + terms.expires_in * 1000,
        role=terms.role,
        visitor=terms.visitor or "",
        brand_name=terms.brand_name or "",
        brand_color=terms.brand_color or "",
        origins=terms.allowed_origins,
    )
    after = asdict(terms) | {"allowed_origins": list(terms.allowed_origins)}
    with write_transaction() as session:
        action = "portal_link.create"
        audit.record(session, organization_id, actor, action, visit.link_id, after=after)
    token = links.sign(PURPOSE, visit.document())
    return NewLink(f"{runtime().settings.public_url}/portal/{organization_id}/enter/{token}", visit)


def check_reach(principal: Principal, role: str) -> None:
    """Forbidden when the link would let its holder do what the key itself may not."""
    lacking = sorted(scope for scope in ROLES[role] if not principal.allows(scope))
    if lacking:
        raise Forbidden(f"A link as {role} may do more than this key: {', '.join(lacking)}.")


def read(token: str) -> Visit | None:
    """What the link says, even when it is over; None when it is not ours."""
    return visit_of(links.read(PURPOSE, token, _SIGNED_FOR_SECONDS))


def visit_of(document: object) -> Visit | None:
    """What `Visit.document` made; None for anything else."""
    if not isinstance(document, dict):
        return None
    try:
        visit = Visit(**document | {"origins": tuple(document["origins"])})
    except (TypeError, KeyError):
        return None
    return visit if visit.role in PORTAL_ROLES else None


def stands(visit: Visit) -> bool:
    """Whether it is neither expired nor ended."""
    if visit.until <= now_ms():
        return False
    return visit.generation == queries.generation(visit.organization_id)


def enter(visit: Visit, address: str | None) -> Organization:
    """Unauthorized when the link is over."""
    organization = accounts.organization(visit.organization_id) if stands(visit) else None
    if organization is None:
        raise Unauthorized(DEAD_LINK)
    with write_transaction() as session:
        actor = visit.actor(address)
        audit.record(session, organization.id, actor, "portal_link.open", visit.link_id)
    return organization


def end_all(organization_id: str, actor: Actor) -> None:
    """No link that was made until now opens anything any more, and whoever came in by one is out.
    NotFound."""
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    with write_transaction() as session:
        if session.get(Organization, organization_id) is None:
            raise NotFound
        session.execute(
            insert(PortalGeneration)
            .values(organization_id=organization_id, number=1)
            .on_conflict_do_update(
                index_elements=["organization_id"], set_={"number": PortalGeneration.number + 1}
            )
        )
        audit.record(session, organization_id, actor, "portal_link.end_all", organization_id)
