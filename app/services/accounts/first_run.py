"""The first run: create an owner, an organization and an API key to start with."""

from app.domain.accounts.sessions import DAY_MS
from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.models import User
from app.queries.accounts import users as accounts
from app.runtime.context import runtime
from app.services.accounts import api_keys, members, organizations, users
from app.services.accounts.actor import SYSTEM
from app.services.sign_in import first_factor
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

# Placeholders until the owner fills in the welcome page.
EMAIL, NAME, ORGANIZATION = "owner@localhost", "Owner", "My organization"
KEY_NAME = "First steps"


def link_token() -> str | None:
    """Token of a one-time link for the first owner, who is created if there are no users. None once
    the owner has signed in and set a password, or another person has signed in."""
    with write_transaction() as session:
        user = accounts.first_user() or _add(session)
    is_settled = user.signed_in_at is not None and not needs_password(user)
    is_over = is_settled or accounts.has_anyone_signed_in(except_user_id=user.id)
    return None if is_over else first_factor.make_link(user)


def needs_password(user: User) -> bool:
    """Whether they cannot sign in again without a password of their own."""
    is_enabled = runtime().settings.password_sign_in
    return is_enabled and user.password_hash is None and not accounts.has_identities(user.id)


def demo_key() -> str | None:
    """A new API key that may publish events in the first organization for a day. It replaces the
    one of an earlier start, since only hashes of keys are stored. None once a person has signed in,
    and without an organization."""
    organization = accounts.first_organization()
    if organization is None or accounts.has_anyone_signed_in():
        return None
    # Nobody has signed in, so no person made a key of this name.
    for row in accounts.api_keys(organization.id):
        if row.name == KEY_NAME and row.expires_at is not None and row.revoked_at is None:
            api_keys.revoke(organization.id, row.id, SYSTEM)
    expires_at = now_ms() + DAY_MS
    scopes = ["events:write"]
    return api_keys.create(organization.id, KEY_NAME, scopes, expires_at, actor=SYSTEM).key


def remove_stored_key() -> bool:
    """Delete the file in which earlier releases kept a key in plain. Whether there was one; the key
    itself stays valid until it is revoked."""
    path = runtime().settings.data_dir / "demo-key"
    was_there = path.exists()
    path.unlink(missing_ok=True)
    return was_there


def _add(session: WriteSession) -> User:
    organization = accounts.first_organization()
    if organization is None:
        organization = organizations.add(session, ORGANIZATION, new_id(), SYSTEM)
    user = users.add(session, EMAIL, NAME)
    user.is_platform_owner = True
    members.add(session, organization.id, user.id, members.OWNER, SYSTEM)
    return user
