"""Users: profiles and passwords."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.domain.accounts.fields import check_email, check_name, check_password
from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, Invalid, NotFound, check_all, invalid
from app.domain.common.ids import new_id
from app.models import User
from app.queries.accounts import users as accounts
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.notifications import account_emails
from app.services.sign_in import attempts, credentials, passwords
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction


def add(session: WriteSession, email: str, name: str, password_hash: str | None = None) -> User:
    """A user without memberships, in the caller's transaction and from checked values."""
    user = User(
        id=new_id(),
        email=email,
        name=name,
        password_hash=password_hash,
        created_at=now_ms(),
        link_serial=0,
        session_serial=0,
    )
    session.add(user)
    session.flush()
    return user


def settle(user_id: str, email: object, name: object, password: object, actor: Actor) -> User:
    """Complete the first owner's account on the welcome page. Forbidden: passwords are disabled.
    Conflict: a password is set, which the holder of the link may not know. Invalid: all errors."""
    passwords.check_enabled()
    checked_email, checked_name, checked_password = check_all(
        lambda: check_email(email), lambda: check_name(name), lambda: check_password(password)
    )
    password_hash = passwords.hashed(checked_password)
    try:
        with write_transaction() as session:
            user = locked(session, user_id)
            if user.password_hash is not None:
                raise Conflict("A password is already set. Change it in your account settings.")
            before = {"email": user.email, "name": user.name}
            user.email, user.name = checked_email, checked_name
            set_password(session, user, password_hash, actor)
            after = {"email": user.email, "name": user.name}
            record_everywhere(session, user, actor, "user.settle", before=before, after=after)
    except IntegrityError:
        raise _taken() from None
    return user


def change_profile(
    user_id: str, email: object, name: object, actor: Actor, current_password: str = ""
) -> User:
    """Change name and email address. A new address requires the current password, because it is
    where password resets go: a session left open must not be enough to take an account over."""
    new_email, new_name = check_email(email), check_name(name)
    user = accounts.user(user_id)
    if user is None:
        raise NotFound
    if new_email != user.email:
        check_current(user, current_password)
    try:
        with write_transaction() as session:
            user = locked(session, user_id)
            before = {"email": user.email, "name": user.name}
            user.email, user.name = new_email, new_name
            after = {"email": user.email, "name": user.name}
            record_everywhere(session, user, actor, "user.update", before=before, after=after)
    except IntegrityError:
        raise _taken() from None
    return user


def change_password(user_id: str, current: str, new: object, actor: Actor) -> User:
    """Ends all sessions of the user, including the current one; the caller starts a new one."""
    passwords.check_enabled()
    user = accounts.user(user_id)
    if user is None:
        raise NotFound
    stored = user.password_hash
    check_current(user, current)
    # Hashing is slow: do it before taking the write lock.
    password_hash = passwords.hashed(check_password(new, user.email, "new"))
    with write_transaction() as session:
        user = locked(session, user_id)
        if user.password_hash != stored:
            raise Conflict("The password was changed meanwhile.")
        set_password(session, user, password_hash, actor)
        account_emails.enqueue(session, "password_changed", user.email)
        record_everywhere(session, user, actor, "user.change_password")
    return user


def check_current(user: User, password: str) -> None:
    """Raises Invalid on `current` unless it is the password; people without one pass.
    RateLimited: a session that was left open is not enough to guess it."""
    if user.password_hash is None:
        return
    subjects = [(attempts.CURRENT_PASSWORD, user.id)]
    attempts.count(subjects)
    if not passwords.matches(user.password_hash, password):
        remedy = "Enter the password you sign in with."
        raise invalid("current", "wrong", "Incorrect password.", remedy)
    attempts.reset(subjects)


def set_password(
    session: WriteSession, user: User, password_hash: str | None, actor: Actor
) -> None:
    """Also ends all sessions and one-time links. In the caller's transaction. None: no password."""
    user.password_hash = password_hash
    credentials.end_all(session, user, actor, links=True)


def _taken() -> Invalid:
    remedy = "Use another address, or sign in with this one."
    return invalid("email", "taken", "This email address is already in use.", remedy)


def locked(session: WriteSession, user_id: str) -> User:
    """Lock the user's row until the transaction ends. NotFound."""
    user = session.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFound
    return user


def record_everywhere(
    session: WriteSession,
    user: User,
    actor: Actor,
    action: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Record a change of a user's own account in each of their organizations."""
    organization_ids: list[str | None] = [*accounts.organization_ids_of(user.id)]
    for organization_id in organization_ids or [None]:
        name = user.email
        audit.record(session, organization_id, actor, action, user.id, before, after, name=name)
