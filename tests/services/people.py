"""People for tests of accounts."""

from app.models import User
from app.services.accounts import members, passwords, users
from app.services.accounts.actor import SYSTEM
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
