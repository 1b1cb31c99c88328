"""The first run: create an owner, an organization and an API key to start with."""

from pathlib import Path

from app.domain.common.ids import new_id
from app.models import User
from app.queries import accounts
from app.runtime.context import runtime
from app.services.accounts import api_keys, members, organizations, sign_in, users
from app.services.accounts.actor import SYSTEM
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

# Placeholders until the owner fills in the welcome page.
EMAIL, NAME, ORGANIZATION = "owner@localhost", "Owner", "My organization"
KEY_NAME = "First steps"


def link_token() -> str | None:
    """Token of a one-time link for the first owner, who is created if there are no users. None once
    the owner has signed in and set a password."""
    with write_transaction() as session:
        user = accounts.first_user() or _add(session)
    is_settled = user.signed_in_at is not None and not needs_password(user)
    return None if is_settled else sign_in.make_link(user)


def needs_password(user: User) -> bool:
    """Whether they cannot sign in again without a password of their own."""
    is_enabled = runtime().settings.password_sign_in
    return is_enabled and user.password_hash is None and not accounts.has_identities(user.id)


def demo_key() -> str | None:
    """An API key that may publish events in the first organization. It is stored in the data
    directory, readable only by its owner, and returned each time. None if there is no organization,
    or if the key was revoked."""
    path = runtime().settings.data_dir / "demo-key"
    stored = path.read_text().strip() if path.exists() else ""
    if api_keys.is_open(stored):
        return stored
    organization = accounts.first_organization()
    if organization is None or api_keys.was_revoked(stored):
        return None
    new = api_keys.create(organization.id, KEY_NAME, ["events:write"], actor=SYSTEM)
    _write_secret(path, new.key)
    return new.key


def _add(session: WriteSession) -> User:
    organization = accounts.first_organization()
    if organization is None:
        organization = organizations.add(session, ORGANIZATION, new_id(), SYSTEM)
    user = users.add(session, EMAIL, NAME)
    user.is_platform_owner = True
    members.add(session, organization.id, user.id, members.OWNER, SYSTEM)
    return user


def _write_secret(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(f"{text}\n")
    draft.replace(path)
