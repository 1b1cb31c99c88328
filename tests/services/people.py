"""People for tests of accounts."""

from dataclasses import dataclass, field

import pyotp

from app.domain.accounts.one_time_codes import STEP_MS
from app.domain.common.clock import now_ms
from app.models import User
from app.services.accounts import members, users
from app.services.accounts.actor import SYSTEM, Actor
from app.services.sign_in import passwords, two_factor
from app.store.transaction import write_transaction

PASSWORD = "correct horse battery"


def person(
    email: str,
    organization_id: str | None = None,
    role: str = "member",
    password: str | None = None,
) -> User:
    """Somebody who can sign in with `password`, a member if an organization is given."""
    password_hash = passwords.hashed(password) if password else None
    with write_transaction() as session:
        user = users.add(session, email, email.partition("@")[0].capitalize(), password_hash)
        if organization_id:
            members.add(session, organization_id, user.id, role, SYSTEM)
    return user


def with_app(user: User) -> "Authenticator":
    """Turn two-factor authentication on for a person whose password is PASSWORD, if they have one.
    Returns their authenticator app."""
    two_factor.begin(user.id)
    enrolment = two_factor.pending(user)
    assert enrolment
    phone = Authenticator(user.id, enrolment.secret)
    actor = Actor("user", user.id, user.email)
    phone.recovery_codes = two_factor.confirm(user.id, phone.code(), PASSWORD, actor)
    return phone


@dataclass
class Authenticator:
    """An authenticator app, as a phone has it."""

    user_id: str
    secret: str
    recovery_codes: list[str] = field(default_factory=list)

    def code(self) -> str:
        return pyotp.HOTP(self.secret).at(now_ms() // STEP_MS)

    def fresh_code(self) -> str:
        """A code that can be used although another one was used this minute."""
        with write_transaction() as session:
            users.locked(session, self.user_id).totp_last_step = None
        return self.code()
