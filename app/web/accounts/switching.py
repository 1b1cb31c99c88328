"""Switch between organizations: a member's own ones, and those that a platform owner enters."""

from flask import session

from app.domain.common.errors import Unauthorized
from app.queries.accounts import users as account_queries
from app.services.accounts import entering
from app.web.common.access import auth, browser_session


def switch(organization_id: str) -> bool:
    """Switch to another organization. False, and no change, if the user is not a member of it.
    Raises Suspended. A platform owner leaves the organization that they have entered."""
    user = auth.current_user()
    row = account_queries.membership(organization_id, user.id) if user else None
    if row is None:
        return False
    organization = account_queries.organization(row.organization_id)
    if organization is not None and organization.suspended_at is not None:
        raise auth.suspended(organization)
    leave()
    session["organization"] = row.organization_id
    auth.clear_cache()
    return True


def enter(organization_id: str) -> None:
    """Enter an organization as a platform owner; see `services.accounts.entering`."""
    user, own_id = auth.current_user(), browser_session.session_id()
    if user is None or own_id is None:
        raise Unauthorized
    entering.enter(user, own_id, organization_id, auth.actor())
    auth.clear_cache()


def leave() -> None:
    """Leave the organization that this session has entered, if any."""
    user, own_id = auth.current_user(), browser_session.session_id()
    if user is not None and own_id is not None and browser_session.entered_id() is not None:
        entering.leave(user, own_id, auth.actor())
        auth.clear_cache()
