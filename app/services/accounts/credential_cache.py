"""Cache authenticated credentials for a second, so that a busy producer's key is read once a second
and not for every event. A revoked key stops working at once in the process that revoked it, and
within the second in the others."""

import hashlib
from collections.abc import Callable
from typing import Literal

from app.queries.accounts import users as accounts
from app.runtime.context import runtime
from app.services.accounts import api_keys
from app.services.accounts.api_keys import Principal


def by_key(key: str) -> Principal | None:
    """Like `api_keys.authenticate`."""
    return _cached((key,), lambda: api_keys.authenticate(key))


def by_pair(id: str, secret: str) -> Principal | None:  # noqa: A002
    """Like `api_keys.authenticate_pair`."""
    return _cached((id, secret), lambda: api_keys.authenticate_pair(id, secret))


def organization_state(organization_id: str) -> Literal["active", "suspended"] | None:
    """None: there is no such organization."""

    def look_up() -> str | None:
        row = accounts.organization(organization_id)
        return None if row is None else "suspended" if row.suspended_at else "active"

    state: Literal["active", "suspended"] | None
    state = runtime().caches.organizations.get(organization_id, look_up)
    return state


def clear() -> None:
    """After a change: in this process it takes effect at once."""
    runtime().caches.principals.clear()
    runtime().caches.organizations.clear()


def _cached(parts: tuple[str, ...], look_up: Callable[[], Principal | None]) -> Principal | None:
    # The secret itself is not cached.
    digest = hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).digest()
    principal: Principal | None = runtime().caches.principals.get((len(parts), digest), look_up)
    return principal
