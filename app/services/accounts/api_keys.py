"""Create, revoke and authenticate API keys."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row

from app.domain.accounts.fields import check_choices, check_expiry, check_name
from app.domain.accounts.networks import Network, check_networks, parse_networks
from app.domain.accounts.permissions import SCOPES, scopes_allow
from app.domain.common.clock import now_ms
from app.domain.common.errors import NotFound
from app.domain.common.ids import canonical_id, new_id
from app.models import ApiKey, Organization
from app.queries.accounts import users as accounts
from app.runtime.context import runtime
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

_KEY = re.compile(r"cb_([0-9a-f]{32})_([!-~]{1,200})")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
# 43 of 62 letters hold 256 bits; letters and digits alone are selected by a double click.
_SECRET_LENGTH = 43


@dataclass(frozen=True, slots=True)
class NewKey:
    """key: for `Bearer` or `Token`. id and secret: for Basic. Shown once, because only a hash is
    stored."""

    id: str
    secret: str
    key: str
    row: ApiKey


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a credential belongs to. organization_id None: a platform key. key_id None: the key from
    the environment. scopes None: all. is_suspended: its organization. networks: from where it may
    be used; None for everywhere."""

    kind: Literal["api_key", "platform"]
    key_id: str | None
    organization_id: str | None
    scopes: tuple[str, ...] | None
    name: str
    is_suspended: bool = False
    networks: tuple[Network, ...] | None = None

    def allows(self, permission: str) -> bool:
        return scopes_allow(self.scopes, permission)

    def actor(self, address: str | None = None, agent: str | None = None) -> Actor:
        return Actor("api_key", self.key_id, self.name, address, agent)


def create(
    organization_id: str | None,
    name: object,
    scopes: object = None,
    expires_at: object = None,
    allowed_networks: object = None,
    *,
    actor: Actor,
) -> NewKey:
    """organization_id None: a platform key. scopes: a list, None for all. expires_at: ISO 8601 or
    milliseconds since the epoch, None for never. allowed_networks: a list of CIDR networks, None
    for all. Invalid, NotFound."""
    checked = check_name(name)
    chosen = check_choices(scopes, tuple(SCOPES), "scopes")
    expiry = check_expiry(expires_at, now_ms())
    networks = check_networks(allowed_networks)
    with write_transaction() as session:
        if organization_id and session.get(Organization, organization_id) is None:
            raise NotFound
        return add(
            session,
            organization_id,
            checked,
            scopes=chosen,
            expires_at=expiry,
            allowed_networks=networks,
            actor=actor,
        )


def add(
    session: WriteSession,
    organization_id: str | None,
    name: str,
    *,
    scopes: list[str] | None,
    expires_at: int | None,
    allowed_networks: list[str] | None = None,
    actor: Actor,
) -> NewKey:
    """Like `create`, in the caller's transaction and with checked values."""
    key_id, secret = new_id(), "".join(secrets.choice(_LETTERS) for _ in range(_SECRET_LENGTH))
    key = f"cb_{key_id.replace('-', '')}_{secret}"
    row = ApiKey(
        id=key_id,
        organization_id=organization_id,
        name=name,
        secret_hash=_digest(secret).hex(),
        prefix=key[:24],
        scopes=scopes,
        created_at=now_ms(),
        expires_at=expires_at,
        allowed_networks=allowed_networks,
    )
    session.add(row)
    after = {
        "name": name,
        "scopes": scopes,
        "expires_at": expires_at,
        "allowed_networks": allowed_networks,
    }
    audit.record(session, organization_id, actor, "api_key.create", key_id, after=after)
    return NewKey(key_id, secret, key, row)


def restrict(
    organization_id: str | None, key_id: str, allowed_networks: object, actor: Actor
) -> ApiKey:
    """Set from which networks the key may be used; None for all. Takes effect like `revoke`.
    Invalid. NotFound: also for a revoked key."""
    networks = check_networks(allowed_networks)
    with write_transaction() as session:
        row = accounts.api_key(organization_id, key_id)
        if row is None or row.revoked_at is not None:
            raise NotFound
        before = {"name": row.name, "allowed_networks": row.allowed_networks}
        row.allowed_networks = networks
        after = {"name": row.name, "allowed_networks": networks}
        audit.record(session, organization_id, actor, "api_key.update", key_id, before, after)
    runtime().caches.principals.clear()
    return row


def revoke(organization_id: str | None, key_id: str, actor: Actor) -> ApiKey:
    """Takes effect with the next request; revoking twice changes nothing. NotFound."""
    with write_transaction() as session:
        row = accounts.api_key(organization_id, key_id)
        if row is None:
            raise NotFound
        if row.revoked_at is None:
            row.revoked_at = now_ms()
            after = {"name": row.name, "revoked_at": row.revoked_at, "its_portal_links": "revoked"}
            audit.record(session, organization_id, actor, "api_key.revoke", key_id, after=after)
    runtime().caches.principals.clear()
    return row


def authenticate(credential: str) -> Principal | None:
    """credential: from `Bearer` or `Token`. None: not valid."""
    if _is_platform_key(credential):
        return Principal("platform", None, None, None, "PLATFORM_API_KEY")
    match = _KEY.fullmatch(credential)
    return _check(_hyphened(match[1]), match[2]) if match else None


def authenticate_pair(id: str, secret: str) -> Principal | None:  # noqa: A002
    """Id and secret: from Basic, or from a pair of headers. Also accepts a whole key as the name
    without a password, or as the password."""
    return _check(canonical_id(id), secret) or authenticate(secret or id)


def whole_key(id: str, secret: str) -> str:  # noqa: A002
    """The credential for `Bearer` or `Token` of a pair that `authenticate_pair` accepted."""
    key_id = canonical_id(id)
    if key_id is None or _KEY.fullmatch(secret) or _is_platform_key(secret):
        return secret
    return f"cb_{key_id.replace('-', '')}_{secret}"


def is_open(credential: str) -> bool:
    """Whether it is a valid whole key. Does not count as use."""
    match = _KEY.fullmatch(credential)
    return match is not None and _find(_hyphened(match[1]), match[2]) is not None


def was_revoked(credential: str) -> bool:
    """Whether it is a whole key that was revoked."""
    match = _KEY.fullmatch(credential)
    row = accounts.credential(_hyphened(match[1])) if match else None
    return row is not None and row.revoked_at is not None


def _is_platform_key(credential: str) -> bool:
    platform_key = runtime().settings.platform_api_key
    return platform_key is not None and hmac.compare_digest(
        _digest(platform_key), _digest(credential)
    )


def _check(key_id: str | None, secret: str) -> Principal | None:
    row = _find(key_id, secret)
    if row is None:
        return None
    runtime().key_usage.note(row.id, row.last_used_at, now_ms())
    scopes = None if row.scopes is None else tuple(row.scopes)
    kind: Literal["api_key", "platform"] = "api_key" if row.organization_id else "platform"
    suspended = row.suspended_at is not None
    allowed = row.allowed_networks
    networks = None if allowed is None else parse_networks(allowed)
    return Principal(kind, row.id, row.organization_id, scopes, row.name, suspended, networks)


def _find(key_id: str | None, secret: str) -> Row[Any] | None:
    row = accounts.credential(key_id) if key_id else None
    if row is None or not hmac.compare_digest(row.secret_hash, _digest(secret).hex()):
        return None
    is_past = row.expires_at is not None and row.expires_at <= now_ms()
    return None if is_past or row.revoked_at is not None else row


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _hyphened(digits: str) -> str:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
