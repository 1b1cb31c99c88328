"""Two-factor authentication: an authenticator app's code, or a recovery code, after the password.

The app's secret is sealed. Each code works once: of the app's the last time step is stored, a
recovery code is deleted when it is used.
"""

import secrets
from dataclasses import dataclass

import pyotp
from sqlalchemy import delete

from app.domain.accounts import one_time_codes as codes
from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound, Unauthorized, invalid
from app.models import RecoveryCode, User
from app.queries.accounts import users as accounts
from app.runtime.context import runtime
from app.services.accounts import users
from app.services.accounts.actor import Actor
from app.services.notifications import account_emails
from app.services.sign_in import attempts, credentials
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

WRONG_CODE = "Incorrect code."
REMEDY = "Enter the current code of your authenticator app. Each code works once."
ALREADY_ON = "Two-factor authentication is already on."
NOT_ON = "Two-factor authentication is not on."


@dataclass(frozen=True, slots=True)
class Enrolment:
    """secret: Base 32, for typing it in. uri: the content of its QR code."""

    secret: str
    uri: str


def begin(user_id: str) -> None:
    """Create a secret to be confirmed. It replaces one that was never confirmed. Conflict: it is on
    already."""
    with write_transaction() as session:
        user = users.locked(session, user_id)
        if user.has_two_factor:
            raise Conflict(ALREADY_ON)
        user.totp_secret = runtime().vault.seal(pyotp.random_base32())
        user.totp_last_step = None


def pending(user: User) -> Enrolment | None:
    """What the person has to enter into the app. None before `begin` and after `confirm`."""
    if user.has_two_factor or user.totp_secret is None:
        return None
    secret = runtime().vault.open(user.totp_secret)
    return Enrolment(secret, codes.provisioning_uri(secret, user.email))


def confirm(user_id: str, code: str, current_password: str, actor: Actor) -> list[str]:
    """Turn it on, after the app has shown a valid code. Returns the recovery codes, which are shown
    once. Ends all sessions of the person. Invalid, Conflict, RateLimited."""
    user = _get_user(user_id)
    if user.has_two_factor or user.totp_secret is None:
        raise Conflict(ALREADY_ON if user.has_two_factor else NOT_ON)
    users.check_current(user, current_password)
    with write_transaction() as session:
        user = users.locked(session, user_id)
        if user.has_two_factor or user.totp_secret is None:
            raise Conflict(ALREADY_ON)
        step = _step(user, code)
        if step is None:
            raise invalid("code", "wrong", WRONG_CODE, REMEDY)
        user.totp_confirmed_at, user.totp_last_step = now_ms(), step
        # A thief who signed in with the password alone is signed out too.
        credentials.end_all(session, user, actor)
        new = _replace_recovery_codes(session, user.id)
        users.record_everywhere(session, user, actor, "user.enable_two_factor")
    return new


def disable(user_id: str, proof: str, actor: Actor) -> None:
    """proof: the current password; a code of people who have no password. Invalid: it is wrong.
    RateLimited. Conflict: it is not on."""
    _check_password(user_id, proof)
    with write_transaction() as session:
        user = _proven(session, user_id, proof)
        drop(session, user, actor)
        users.record_everywhere(session, user, actor, "user.disable_two_factor")


def remove(user_id: str, actor: Actor) -> None:
    """Like `disable`, for an operator who helps a person without app and recovery codes."""
    with write_transaction() as session:
        user = users.locked(session, user_id)
        if not user.has_two_factor:
            raise Conflict(NOT_ON)
        drop(session, user, actor)
        users.record_everywhere(session, user, actor, "user.remove_two_factor")


def renew_recovery_codes(user_id: str, proof: str, actor: Actor) -> list[str]:
    """New recovery codes; the earlier ones stop working. proof, errors: as in `disable`."""
    _check_password(user_id, proof)
    with write_transaction() as session:
        user = _proven(session, user_id, proof)
        new = _replace_recovery_codes(session, user.id)
        users.record_everywhere(session, user, actor, "user.renew_recovery_codes")
    return new


def check(user_id: str, code: str, address: str | None) -> User:
    """The second step of a sign-in. Unauthorized: the code is wrong, or was used. RateLimited."""
    short = (attempts.SECOND_FACTOR, user_id)
    attempts.count([short, (attempts.SECOND_FACTOR_DAY, user_id)])
    with write_transaction() as session:
        user = users.locked(session, user_id)
        actor = Actor("user", user.id, user.email, address)
        used = _use(session, user, code)
        after = {"by": used or "second factor"}
        action = "user.sign_in" if used else "user.sign_in_refused"
        if used:
            user.signed_in_at = now_ms()
        users.record_everywhere(session, user, actor, action, after=after)
    if used is None:
        raise Unauthorized(f"{WRONG_CODE} {REMEDY}")
    attempts.reset([short])
    return user


def _check_password(user_id: str, proof: str) -> None:
    """Before the transaction, because hashing is slow."""
    user = _get_user(user_id)
    if user.password_hash is None:
        attempts.count([(attempts.SECOND_FACTOR, user_id)])
    else:
        users.check_current(user, proof)


def _proven(session: WriteSession, user_id: str, proof: str) -> User:
    """The locked user. A session that was left open is not enough: a person without a password
    proves with a code that they have the app."""
    user = users.locked(session, user_id)
    if not user.has_two_factor:
        raise Conflict(NOT_ON)
    if user.password_hash is None and _use(session, user, proof) is None:
        raise invalid("current", "wrong", WRONG_CODE, REMEDY)
    return user


def _use(session: WriteSession, user: User, text: str) -> str | None:
    """Mark the code as used and return its kind; None: not valid. The user's row is locked."""
    if not user.has_two_factor:
        return None
    recovery = codes.recovery_code(text)
    if recovery is not None:
        digest = codes.recovery_digest(user.id, recovery)
        used = delete(RecoveryCode).where(
            RecoveryCode.user_id == user.id, RecoveryCode.code_hash == digest
        )
        row = session.execute(used.returning(RecoveryCode.id)).one_or_none()
        return None if row is None else "recovery code"
    step = _step(user, text)
    if step is None:
        return None
    user.totp_last_step = step
    return "authenticator app"


def _step(user: User, text: str) -> int | None:
    code = codes.app_code(text)
    if code is None or user.totp_secret is None:
        return None
    secret = runtime().vault.open(user.totp_secret)
    return codes.matching_step(secret, code, now_ms(), user.totp_last_step)


def drop(session: WriteSession, user: User, actor: Actor) -> None:
    """Turn it off in the caller's transaction, without any proof. Keys of the API reference that
    were made with it end."""
    credentials.end_access(session, user.id, actor)
    user.totp_secret = user.totp_confirmed_at = user.totp_last_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    account_emails.enqueue(session, "two_factor_off", user.email)


def _replace_recovery_codes(session: WriteSession, user_id: str) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    new = [
        "".join(secrets.choice(codes.RECOVERY_ALPHABET) for _ in range(codes.RECOVERY_LENGTH))
        for _ in range(codes.RECOVERY_CODES)
    ]
    now = now_ms()
    session.add_all(
        RecoveryCode(
            user_id=user_id, code_hash=codes.recovery_digest(user_id, code), created_at=now
        )
        for code in new
    )
    return [codes.grouped(code) for code in new]


def _get_user(user_id: str) -> User:
    user = accounts.user(user_id)
    if user is None:
        raise NotFound
    return user
