"""Platform owners: people who operate the installation."""

from sqlalchemy import select

from app.domain.common.errors import Conflict, NotFound
from app.models import User
from app.queries.accounts import platform
from app.queries.accounts import users as accounts
from app.services.accounts import users
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.sign_in import credentials
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

LAST = "The installation needs a platform owner. Make someone else one first."


def grant(email: str, actor: Actor) -> User:
    """email: normalized. Raises NotFound if nobody has it."""
    return _switch(email, actor, is_owner=True)


def revoke(email: str, actor: Actor) -> User:
    """Raises NotFound, or Conflict for the last one."""
    return _switch(email, actor, is_owner=False)


def lock(session: WriteSession) -> None:
    """Before any row of a user is locked: two owners cannot remove each other concurrently."""
    owners = select(User.id).where(User.is_platform_owner).order_by(User.id)
    session.execute(owners.with_for_update())


def apply_claim(session: WriteSession, user: User, actor: Actor, *, is_owner: bool) -> None:
    """In the caller's transaction, after `lock`; the last platform owner stays one."""
    if is_owner or platform.has_other_owner(user.id):
        _set(session, user, actor, is_owner=is_owner)


def _switch(email: str, actor: Actor, *, is_owner: bool) -> User:
    known = accounts.user_by_email(email)
    if known is None:
        raise NotFound(f"No user has the email address {email}.")
    with write_transaction() as session:
        lock(session)
        user = users.locked(session, known.id)
        if not is_owner and not platform.has_other_owner(user.id):
            raise Conflict(LAST)
        _set(session, user, actor, is_owner=is_owner)
    return user


def _set(session: WriteSession, user: User, actor: Actor, *, is_owner: bool) -> None:
    if user.is_platform_owner == is_owner:
        return
    user.is_platform_owner = is_owner
    if not is_owner:
        credentials.end_access(session, user.id, actor)
    action = "platform_owner.create" if is_owner else "platform_owner.delete"
    audit.record(session, None, actor, action, user.id, after={"email": user.email})
