"""How what a person has signed in with ends: the only place that does it.

A session and what was made in it end together, and so does the next kind of credential: it is added
here. Sessions go first: what makes a credential locks its session, so that either the session is
gone or the credential is seen here.
"""

from sqlalchemy import delete, update

from app.models import User, UserSession
from app.services.accounts import reference_keys
from app.services.accounts.actor import SYSTEM, Actor
from app.store.sessions import WriteSession


def end_all(session: WriteSession, user: User, actor: Actor, *, links: bool = False) -> None:
    """End every session of a person whose row is locked, and sign-ins that wait for their second
    step, in the caller's transaction. links: one-time links, too, as with a new password."""
    user.session_serial += 1
    user.link_serial += links
    end_sessions(session, user.id, actor)


def end_sessions(session: WriteSession, user_id: str, actor: Actor) -> None:
    """Like `end_all`, without the lock on the person's row."""
    session.execute(delete(UserSession).where(UserSession.user_id == user_id))
    reference_keys.revoke(session, user_id, actor)


def end_session(session: WriteSession, session_id: str, actor: Actor = SYSTEM) -> None:
    """End a session, if it still exists, in the caller's transaction."""
    ended = delete(UserSession).where(UserSession.id == session_id).returning(UserSession.user_id)
    user_id = session.scalar(ended)
    if user_id is not None:
        reference_keys.revoke(session, user_id, actor)


def end_visit(
    session: WriteSession, user: User, session_id: str, organization_id: str, actor: Actor
) -> None:
    """End the stay of a platform owner in an organization, in the caller's transaction."""
    own = (UserSession.id == session_id, UserSession.user_id == user.id)
    session.execute(update(UserSession).where(*own).values(entered_id=None))
    reference_keys.revoke(session, user.id, actor, organization_id)


def end_access(
    session: WriteSession, user_id: str, actor: Actor, organization_id: str | None = None
) -> None:
    """The person may do less than before: end what was made with that, in the caller's transaction.
    Sessions stay, as they look at each request. organization_id: None for all."""
    reference_keys.revoke(session, user_id, actor, organization_id)
