"""In which organization a user or a portal visitor is."""

from dataclasses import dataclass

from flask import session

from app.domain.accounts.permissions import role_allows
from app.models import Organization, User
from app.queries import accounts as account_queries
from app.services.portal.links import Visit
from app.web.portal import visits


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user in one of their organizations, or a portal visitor (no user) in the link's
    organization."""

    user: User | None
    organization: Organization
    role: str
    organizations: tuple[Organization, ...]
    visit: Visit | None = None

    def allows(self, permission: str) -> bool:
        return role_allows(self.role, permission)


@dataclass(frozen=True, slots=True)
class Locked:
    """The user cannot open the organization before they set up two-factor authentication."""

    organization: Organization


def of_user(user: User) -> SignedIn | Locked | None:
    """In the organization that they chose last, or else the first one; None if there is none."""
    memberships = account_queries.memberships_of(user.id)
    if not memberships:
        return None
    chosen_id = session.get("organization")
    membership, organization = next(
        (pair for pair in memberships if pair[1].id == chosen_id), memberships[0]
    )
    if organization.requires_two_factor and not user.has_two_factor:
        return Locked(organization)
    organizations = tuple(pair[1] for pair in memberships)
    return SignedIn(user, organization, membership.role, organizations)


def of_visitor() -> SignedIn | None:
    visit = visits.current()
    organization = account_queries.organization(visit.organization_id) if visit else None
    if visit is None or organization is None:
        return None
    return SignedIn(None, organization, visit.role, (organization,), visit)
