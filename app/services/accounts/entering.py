"""Platform owners enter an organization: recorded in its audit log, until they leave."""

from sqlalchemy import update

from app.domain.common.errors import Conflict, Forbidden
from app.models import Organization, User, UserSession
from app.queries.accounts import users as accounts
from app.services.accounts.actor import Actor
from app.services.accounts.locking import lock_organization
from app.services.audit import log as audit
from app.services.sign_in import credentials
from app.store.transaction import write_transaction

SECOND_FACTOR = (
    "This organization requires two-factor authentication. Set it up in your account first."
)


def enter(user: User, session_id: str, organization_id: str, actor: Actor) -> Organization:
    """From now on this session is in the organization. Raises NotFound, Forbidden for anyone but a
    platform owner, or Conflict while it is in another one or lacks two-factor authentication
    that the organization requires."""
    if not user.is_platform_owner:
        raise Forbidden("Only platform owners can enter an organization.")
    row = accounts.user_session(user.id, session_id)
    if row is not None and row.entered_id not in (None, organization_id):
        raise Conflict("You are in another organization. Leave that one first.")
    with write_transaction() as session:
        organization = lock_organization(session, organization_id)
        if organization.requires_two_factor and not user.has_two_factor:
            raise Conflict(SECOND_FACTOR)
        own = (UserSession.id == session_id, UserSession.user_id == user.id)
        session.execute(update(UserSession).where(*own).values(entered_id=organization.id))
        audit.record(session, organization.id, actor, "organization.enter", organization.id)
    return organization


def leave(user: User, session_id: str, actor: Actor) -> None:
    """Leave the organization that this session is in, if any."""
    row = accounts.user_session(user.id, session_id)
    entered_id = row.entered_id if row is not None else None
    if entered_id is None:
        return
    with write_transaction() as session:
        credentials.end_visit(session, user, session_id, entered_id, actor)
        audit.record(session, entered_id, actor, "organization.leave", entered_id)
