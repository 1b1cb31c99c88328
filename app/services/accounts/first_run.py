"""The first run: somebody to sign in as, an organization to be in, a key to try things with."""

from pathlib import Path

from app.domain.common.ids import new_id
from app.models import User
from app.queries import accounts
from app.runtime.context import runtime
from app.services.accounts import api_keys, members, organizations, sign_in, users
from app.services.accounts.actor import SYSTEM
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

# Who this is, the person says on the welcome page.
EMAIL, NAME, ORGANIZATION = "owner@localhost", "Owner", "My organization"
KEY_NAME = "First steps"


def link_token() -> str | None:
    """The token of a one-time link for the first owner, who is made when there is nobody yet.
    None once they can sign in by themselves: they have signed in and set a password."""
    with write_transaction() as session:
        user = accounts.first_user() or _add(session)
    is_settled = user.signed_in_at is not None and user.password_hash is not None
    return None if is_settled else sign_in.make_link(user)


def demo_key() -> str | None:
    """A key that may post events in the first organization, the same one each time: it is kept in
    the data directory for its owner's eyes alone. None when there is no organization, and after
    somebody revoked the key, since then they don't want it."""
    path = runtime().settings.data_dir / "demo-key"
    kept = path.read_text().strip() if path.exists() else ""
    if api_keys.is_open(kept):
        return kept
    organization = accounts.first_organization()
    if organization is None or api_keys.was_revoked(kept):
        return None
    made = api_keys.create(organization.id, KEY_NAME, ["events:write"], actor=SYSTEM)
    _write_secret(path, made.key)
    return made.key


def _add(session: WriteSession) -> User:
    organization = accounts.first_organization()
    if organization is None:
        organization = organizations.add(session, ORGANIZATION, new_id(), SYSTEM)
    user = users.add(session, EMAIL, NAME)
    members.add(session, organization.id, user.id, members.OWNER, SYSTEM)
    return user


def _write_secret(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(f"{text}\n")
    draft.replace(path)
