"""API keys that the API reference makes for a person, to send requests from the browser.

A key has the scopes of the person's role and ends after half an hour, with the next key, when they
sign out, and when their sessions, role or membership end or change: `sign_in.credentials` does it.
"""

from app.domain.accounts.permissions import SCOPES, role_allows
from app.domain.common.clock import iso, now_ms
from app.domain.common.errors import Forbidden, Unauthorized
from app.models import Membership, User, UserSession
from app.queries.accounts import reference_keys as queries
from app.runtime.context import runtime
from app.services.accounts import api_keys
from app.services.accounts.actor import Actor
from app.services.accounts.api_keys import NewKey
from app.services.accounts.locking import lock_organization
from app.services.audit import log as audit
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

LIFETIME_MS = 30 * 60_000
_NAME = "API reference: {}"


def create(organization_id: str, user_id: str, session_id: str, actor: Actor) -> NewKey:
    """Made in a session of the person, whose previous key ends. Forbidden: without scopes, since a
    key has at least one. Unauthorized: the session has ended. NotFound: the organization."""
    with write_transaction() as session:
        user, role = _locked(session, organization_id, user_id, session_id)
        scopes = [scope for scope in SCOPES if role_allows(role, scope)]
        if not scopes:
            raise Forbidden("Your role has no permissions in the API.")
        revoke(session, user.id, actor)
        new_key = api_keys.add(
            session,
            organization_id,
            _NAME.format(user.email)[:200],
            scopes=scopes,
            expires_at=now_ms() + LIFETIME_MS,
            actor=actor,
        )
        new_key.row.user_id = user.id
    runtime().caches.principals.clear()
    return new_key


def revoke(
    session: WriteSession, user_id: str, actor: Actor, organization_id: str | None = None
) -> None:
    """End the person's keys, in the caller's transaction. organization_id: None for all."""
    now = now_ms()
    for row in queries.usable(organization_id, user_id, now):
        row.revoked_at = now
        after = {"name": row.name, "revoked_at": iso(now)}
        audit.record(session, row.organization_id, actor, "api_key.revoke", row.id, after=after)
    runtime().caches.principals.clear()


def _locked(
    session: WriteSession, organization_id: str, user_id: str, session_id: str
) -> tuple[User, str]:
    """The person and their role, which stays what it is until the transaction ends; "" for none."""
    user = session.get(User, user_id, with_for_update=True)
    lock_organization(session, organization_id)
    own = session.get(UserSession, session_id, with_for_update=True)
    if user is None or own is None or own.user_id != user_id:
        raise Unauthorized
    if user.is_platform_owner and own.entered_id == organization_id:
        return user, "owner"
    member = session.get(Membership, (organization_id, user_id))
    return user, "" if member is None else member.role
