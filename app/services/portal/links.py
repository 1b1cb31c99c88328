"""Portal links: signed links that open an organization's pages to people without an account.

A link is not stored. It carries its terms, signed, and can be opened any number of times until it
expires; sessions opened by it end at the same time. To revoke links earlier, each carries the
number of its organization's *generation*, a row that is read on every request: raising it revokes
all earlier links at once. A link that an API key created also ends with the key. Single links
cannot be revoked otherwise, since most live for an hour and are created by a program each time its
page is shown. Use short lifetimes to be able to lock out one consumer.
"""

import hmac
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from app.domain.accounts.permissions import VISITOR_ROLES
from app.domain.common.clock import now_ms
from app.domain.common.errors import Forbidden, NotFound, Unauthorized
from app.domain.common.ids import new_id
from app.domain.portal.links import PORTAL_ROLES, Terms
from app.models import Organization, PortalGeneration
from app.models.common.base import db
from app.queries.accounts import portal as queries
from app.queries.accounts import users as accounts
from app.runtime.context import runtime
from app.services.accounts.actor import Actor
from app.services.accounts.api_keys import Principal
from app.services.audit import log as audit
from app.services.sign_in import signed_links as links
from app.store.transaction import write_transaction

PURPOSE = "portal"
# Expiry is checked by the link's own `until`, so that the page about an expired link can still be
# framed by the allowed origins.
_SIGNED_FOR_SECONDS = 10 * 365 * 86_400
_PLATFORM = "platform:"
DEAD_LINK = (
    "This link has expired or was revoked. Go back to the page that linked here and open it again."
)


@dataclass(frozen=True, slots=True)
class Visit:
    """What a link allows. until: milliseconds since the epoch. origins: may frame the pages.
    link_id: identifies the link in the audit log. key: what identifies the API key that created
    it; "" if a person did."""

    link_id: str
    organization_id: str
    generation: int
    until: int
    role: str
    visitor: str
    brand_name: str
    brand_color: str
    origins: tuple[str, ...]
    key: str = ""
    brand_logo: str = ""

    def document(self) -> dict[str, Any]:
        """Without what processes of earlier releases don't know, if it is not used."""
        document = asdict(self) | {"origins": list(self.origins)}
        if not self.brand_logo:
            del document["brand_logo"]
        return document

    def actor(self, address: str | None) -> Actor:
        return Actor("portal", self.link_id, self.visitor or "Portal visitor", address)


@dataclass(frozen=True, slots=True)
class NewLink:
    url: str
    visit: Visit


def create(organization_id: str, terms: Terms, actor: Actor) -> NewLink:
    """NotFound: no such organization."""
    if accounts.organization(organization_id) is None:
        raise NotFound
    visit = Visit(
        link_id=new_id(),
        organization_id=organization_id,
        generation=queries.generation(organization_id),
        until=_until(terms, actor),
        role=terms.role,
        visitor=terms.visitor or "",
        brand_name=terms.brand_name or "",
        brand_color=terms.brand_color or "",
        brand_logo=terms.brand_logo or "",
        origins=terms.allowed_origins,
        key=_key_of(actor),
    )
    after = asdict(terms) | {"allowed_origins": list(terms.allowed_origins)}
    with write_transaction() as session:
        action = "portal_link.create"
        name = visit.visitor
        audit.record(session, organization_id, actor, action, visit.link_id, after=after, name=name)
    token = links.sign(PURPOSE, visit.document())
    return NewLink(f"{runtime().settings.public_url}/portal/{organization_id}/enter/{token}", visit)


def check_reach(principal: Principal, role: str) -> None:
    """Forbidden: the link would allow more than the API key itself."""
    lacking = sorted(scope for scope in VISITOR_ROLES[role] if not principal.allows(scope))
    if lacking:
        raise Forbidden(
            f"A portal link with role {role} exceeds the scopes of this key: {', '.join(lacking)}."
        )


def read(token: str) -> Visit | None:
    """The content of a link, even if it has expired; None: not one of ours."""
    return visit_of(links.read(PURPOSE, token, _SIGNED_FOR_SECONDS))


def visit_of(document: object) -> Visit | None:
    """The inverse of `Visit.document`; None for anything else."""
    if not isinstance(document, dict):
        return None
    try:
        visit = Visit(**document | {"origins": tuple(document["origins"])})
    except (TypeError, KeyError):
        return None
    return visit if visit.role in PORTAL_ROLES else None


def is_valid(visit: Visit) -> bool:
    """Whether neither it nor the key that created it has expired or was revoked."""
    if visit.until <= now_ms() or not _is_key_valid(visit):
        return False
    return visit.generation == queries.generation(visit.organization_id)


def enter(visit: Visit, address: str | None) -> Organization:
    """Unauthorized: the link has expired or was revoked."""
    organization = accounts.organization(visit.organization_id) if is_valid(visit) else None
    if organization is None:
        raise Unauthorized(DEAD_LINK)
    with write_transaction() as session:
        actor = visit.actor(address)
        audit.record(
            session, organization.id, actor, "portal_link.open", visit.link_id, name=actor.name
        )
    return organization


def revoke_all(organization_id: str, actor: Actor) -> None:
    """Revoke all links and end all visits that they opened. NotFound."""
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


def _until(terms: Terms, actor: Actor) -> int:
    """Milliseconds; at most until the key expires."""
    until = now_ms() + terms.expires_in * 1000
    row = accounts.any_api_key(actor.id) if actor.kind == "api_key" and actor.id else None
    return until if row is None or row.expires_at is None else min(until, row.expires_at)


def _key_of(actor: Actor) -> str:
    if actor.kind != "api_key":
        return ""
    return actor.id or _platform_keys()[0]


def _is_key_valid(visit: Visit) -> bool:
    if not visit.key or visit.key.startswith(_PLATFORM):
        return not visit.key or visit.key in _platform_keys()
    row = accounts.any_api_key(visit.key)
    if row is None or row.revoked_at is not None:
        return False
    return row.expires_at is None or row.expires_at > now_ms()


def _platform_keys() -> list[str]:
    """What identifies PLATFORM_API_KEY without helping to guess it, by each SECRET_KEY."""
    settings = runtime().settings
    content = b"portal links\n" + (settings.platform_api_key or "").encode()
    secret_keys = (settings.secret_key, *settings.secret_key_previous)
    digests = (hmac.digest(key.encode(), content, "sha256") for key in secret_keys)
    return [_PLATFORM + digest.hex()[:16] for digest in digests]
