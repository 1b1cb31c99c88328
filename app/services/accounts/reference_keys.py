"""API keys that the API reference makes for a person, to send requests from the browser.

A key has the scopes of the person's role and ends after half an hour, with the next key, when they
sign out, and when their role or membership changes.
"""

from collections.abc import Sequence

from app.domain.common.clock import iso, now_ms
from app.domain.common.errors import Forbidden
from app.models import User
from app.queries.accounts import reference_keys as queries
from app.runtime.context import runtime
from app.services.accounts import api_keys
from app.services.accounts.actor import Actor
from app.services.accounts.api_keys import NewKey
from app.services.audit import log as audit
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

LIFETIME_MS = 30 * 60_000
_NAME = "API reference: {}"


def create(organization_id: str, user: User, scopes: Sequence[str], actor: Actor) -> NewKey:
    """scopes: of the person's role. Their previous key ends. Forbidden: without scopes, since a key
    has at least one."""
    if not scopes:
        raise Forbidden("Your role has no permissions in the API.")
    with write_transaction() as session:
        revoke(session, user.id, actor)
        new_key = api_keys.add(
            session,
            organization_id,
            _NAME.format(user.email)[:200],
            scopes=list(scopes),
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


def end(user_id: str, actor: Actor) -> None:
    """End the person's keys: they sign out."""
    with write_transaction() as session:
        revoke(session, user_id, actor)
