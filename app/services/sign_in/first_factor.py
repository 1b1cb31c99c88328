"""Sign in by email and password, or by a one-time link."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from app.domain.accounts.fields import check_email
from app.domain.common.clock import now_ms
from app.domain.common.errors import Invalid, Unauthorized
from app.domain.common.ids import is_id
from app.models import User
from app.queries.accounts import users as accounts
from app.runtime.limits.sign_in import Limit
from app.services.accounts import users
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.sign_in import attempts, credentials, passwords
from app.services.sign_in import signed_links as links
from app.services.sign_in.attempts import QUARTER_SECONDS
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

PURPOSE = "sign-in link"
LINK_SECONDS = 24 * 3600
# A person mistypes; one address may be a whole office; one account may be attacked from everywhere,
# which must not lock out its owner for long.
PER_USER_AND_ADDRESS = Limit("pair", 10, QUARTER_SECONDS)
PER_ADDRESS = Limit("place", 100, QUARTER_SECONDS)
PER_USER = Limit("person", 200, QUARTER_SECONDS)
LINKS_PER_ADDRESS = Limit("link", 50, QUARTER_SECONDS)

WRONG_PASSWORD = "Incorrect email or password."  # noqa: S105 - a message
DEAD_LINK = "This link was already used or has expired. Request a new one."


def person(user: User, address: str | None) -> Actor:
    return Actor("user", user.id, user.email, address)


def with_password(email: object, password: str, address: str | None) -> User:
    """Unauthorized, with the same message and timing whether or not the user exists.
    RateLimited. Forbidden: people sign in with OpenID Connect only. A user with two-factor
    authentication is not signed in yet: see `two_factor.check`."""
    passwords.check_enabled()
    normalized = _email_or_none(email)
    subjects = [
        (PER_USER_AND_ADDRESS, f"{normalized} {address}"),
        (PER_ADDRESS, str(address)),
        (PER_USER, str(normalized)),
    ]
    attempts.count(subjects)
    user = accounts.user_by_email(normalized) if normalized else None
    stored = user.password_hash if user else None
    if not passwords.matches(stored, password) or user is None or stored is None:
        _record_refusal(user, normalized, address)
        raise Unauthorized(WRONG_PASSWORD)
    attempts.reset(subjects[:1])
    renewed = passwords.hashed(password) if passwords.is_outdated(stored) else None
    with write_transaction() as session:
        user = users.locked(session, user.id)
        if user.password_hash != stored:
            raise Unauthorized(WRONG_PASSWORD)
        user.password_hash = renewed or stored
        proceed(session, user, address, {"by": "password"})
    return user


def make_link(user: User) -> str:
    """A token that signs `user` in once, within a day. Using it or another one, or changing the
    password, invalidates it."""
    return links.sign(PURPOSE, [user.id, user.link_serial])


def with_link(token: str, address: str | None) -> User:
    """Unauthorized: the token is invalid, used or expired. RateLimited. A user with two-factor
    authentication is not signed in yet: see `two_factor.check`."""
    attempts.count([(LINKS_PER_ADDRESS, str(address))])
    match links.read(PURPOSE, token, LINK_SECONDS):
        case [str(user_id), int(serial)] if is_id(user_id):
            pass
        case _:
            raise Unauthorized(DEAD_LINK)
    with write_transaction() as session:
        used = session.execute(
            update(User)
            .where(User.id == user_id, User.link_serial == serial)
            .values(link_serial=User.link_serial + 1)
            .returning(User.id)
        ).one_or_none()
        if used is None:
            raise Unauthorized(DEAD_LINK)
        user = users.locked(session, user_id)
        proceed(session, user, address, {"by": "link"})
    return user


def out(user_id: str, session_id: str | None, address: str | None) -> None:
    """End this session of the user; None: all of them."""
    with write_transaction() as session:
        user = users.locked(session, user_id)
        actor = person(user, address)
        if session_id is None:
            credentials.end_all(session, user, actor)
        else:
            credentials.end_session(session, session_id, actor)
        action = "user.sign_out_everywhere" if session_id is None else "user.sign_out"
        users.record_everywhere(session, user, actor, action)


def proceed(
    session: WriteSession, user: User, address: str | None, after: Mapping[str, Any]
) -> None:
    """After a valid first factor: the user has signed in, unless a second one is required. In the
    caller's transaction. after: for the audit log, how they signed in."""
    action = "user.pass_first_factor" if user.has_two_factor else "user.sign_in"
    if not user.has_two_factor:
        user.signed_in_at = now_ms()
    users.record_everywhere(session, user, person(user, address), action, after=after)


def _email_or_none(email: object) -> str | None:
    try:
        return check_email(email)
    except Invalid:
        return None


def _record_refusal(user: User | None, email: str | None, address: str | None) -> None:
    """Also without a user, so that both take the same time."""
    with write_transaction() as session:
        actor = Actor("user", user.id if user else None, email or "", address)
        if user:
            users.record_everywhere(session, user, actor, "user.sign_in_refused")
        else:
            audit.record(session, None, actor, "user.sign_in_refused")
