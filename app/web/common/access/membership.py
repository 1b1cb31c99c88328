"""In which organization a user or a portal visitor is."""

from dataclasses import dataclass

from flask import session

from app.domain.accounts.permissions import role_allows
from app.models import Organization, User
from app.queries.accounts import users as account_queries
from app.services.portal.links import Visit
from app.web.common.access import browser_session
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
    # A platform owner who has entered an organization of others.
    has_entered: bool = False

    def allows(self, permission: str) -> bool:
        return role_allows(self.role, permission)


@dataclass(frozen=True, slots=True)
class Locked:
    """The user cannot open the organization before they set up two-factor authentication."""

    organization: Organization


@dataclass(frozen=True, slots=True)
class Closed:
    """The organization is suspended, and so is every other one of the user."""

    organization: Organization


def of_user(user: User) -> SignedIn | Locked | Closed | None:
    """In the organization that they entered or chose last, or else the first one that is not
    suspended; None if there is none."""
    memberships = account_queries.memberships_of(user.id)
    organizations = tuple(pair[1] for pair in memberships)
    entered = _entered()
    if entered is not None:
        if entered.requires_two_factor and not user.has_two_factor:
            return Locked(entered)
        role = "owner" if entered.suspended_at is None else "viewer"
        return SignedIn(user, entered, role, organizations, has_entered=True)
    suspended = [pair[1] for pair in memberships if pair[1].suspended_at is not None]
    memberships = [pair for pair in memberships if pair[1].suspended_at is None]
    if not memberships:
        return Closed(suspended[0]) if suspended else None
    chosen_id = session.get("organization")
    membership, organization = next(
        (pair for pair in memberships if pair[1].id == chosen_id), memberships[0]
    )
    if organization.requires_two_factor and not user.has_two_factor:
        return Locked(organization)
    return SignedIn(user, organization, membership.role, organizations)


def of_visitor() -> SignedIn | Closed | None:
    visit = visits.current()
    organization = account_queries.organization(visit.organization_id) if visit else None
    if visit is None or organization is None:
        return None
    if organization.suspended_at is not None:
        return Closed(organization)
    return SignedIn(None, organization, visit.role, (organization,), visit)


def _entered() -> Organization | None:
    entered_id = browser_session.entered_id()
    return account_queries.organization(entered_id) if entered_id else None
