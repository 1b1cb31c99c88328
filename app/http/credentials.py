"""Who sends a request, what they may do, and which organization it is about."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass

from app.domain.accounts.networks import is_inside
from app.domain.common.errors import CallboardError, Forbidden, NotFound, Suspended, Unauthorized
from app.domain.common.ids import canonical_id
from app.http.messages import Request, RequestHeaders
from app.services.accounts import credential_cache
from app.services.accounts.api_keys import Principal

ORGANIZATION_HEADER = "Callboard-Organization"
# A route's permission that only a platform key has.
PLATFORM = "platform"

_HINT = "Send Authorization: Bearer <API key>, or Basic with the key's ID and secret."


class OrganizationMissing(CallboardError):
    status, code, title = 400, "organization_missing", "Organization missing"


@dataclass(frozen=True, slots=True)
class WholeKey:
    key: str


@dataclass(frozen=True, slots=True)
class KeyPair:
    id: str
    secret: str


Credential = WholeKey | KeyPair
# Returns None if the request has no such credential; raises Unauthorized if it is malformed. A
# principal needs no further check.
CredentialReader = Callable[[RequestHeaders], Credential | Principal | None]


def authorization(headers: RequestHeaders) -> Credential | None:
    """`Authorization` with Bearer, Token, or Basic (the key's id and secret)."""
    header = headers.get("authorization")
    if not header:
        return None
    credential = parse_authorization(header)
    if credential is None:
        raise Unauthorized(f"The Authorization header is malformed. {_HINT}")
    return credential


def key_header(name: str) -> CredentialReader:
    """A header of the dialect's own with the whole key."""

    def read(headers: RequestHeaders) -> Credential | None:
        value = headers.get(name)
        return WholeKey(value) if value else None

    return read


def pair_headers(id_name: str, secret_name: str) -> CredentialReader:
    """Two headers of the dialect's own, with the key's id and secret."""

    def read(headers: RequestHeaders) -> Credential | None:
        key_id, secret = headers.get(id_name), headers.get(secret_name)
        return KeyPair(key_id, secret) if key_id and secret else None

    return read


def parse_authorization(header: str) -> Credential | None:
    scheme, _, value = header.partition(" ")
    scheme, value = scheme.lower(), value.strip()
    if not value:
        return None
    if scheme in ("bearer", "token"):
        return WholeKey(value)
    return _basic(value) if scheme == "basic" else None


def _basic(encoded: str) -> KeyPair | None:
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    key_id, colon, secret = text.partition(":")
    return KeyPair(key_id, secret) if colon else None


def authenticate(headers: RequestHeaders, readers: tuple[CredentialReader, ...]) -> Principal:
    """The first credential that is present decides. Unauthorized: there is none, or it is unknown,
    expired or revoked. Suspended: its organization is."""
    for read in readers:
        credential = read(headers)
        if credential is None:
            continue
        principal: Principal | None
        if isinstance(credential, Principal):
            principal = credential
        elif isinstance(credential, KeyPair):
            principal = credential_cache.by_pair(credential.id, credential.secret)
        else:
            principal = credential_cache.by_key(credential.key)
        if principal is None:
            raise Unauthorized(f"The API key is unknown, expired or revoked. {_HINT}")
        if principal.is_suspended:
            raise Suspended
        return principal
    raise Unauthorized(f"Credentials are missing. {_HINT}")


def check_network(principal: Principal, address: str | None) -> None:
    """Forbidden unless the key may be used from the client's address."""
    if principal.networks is not None and not is_inside(address, principal.networks):
        raise Forbidden(f"This key may not be used from {address or 'an unknown address'}.")


def authorize(principal: Principal, permission: str) -> None:
    """Forbidden unless the key has the scope, or is a platform key where PLATFORM is required."""
    if permission == PLATFORM:
        if principal.kind != "platform":
            raise Forbidden("This requires a platform key.")
    elif not principal.allows(permission):
        raise Forbidden(f"This key lacks the scope {permission}.")


def organization_of(request: Request) -> str:
    """The id of the key's own organization, or of the one that a platform key names in the path or
    in the header `Callboard-Organization`.

    In the path another organization is NotFound, in the header Forbidden.
    """
    principal = request.principal
    assert principal is not None, "authenticate comes first"
    own = principal.organization_id
    in_path = request.ids.get("organization_id")
    if in_path is not None:
        organization_id = canonical_id(in_path)
        if own is not None and organization_id != own:
            raise NotFound
        return existing(organization_id, "")
    named = request.headers.get("callboard-organization")
    if own is not None:
        if named and canonical_id(named) != own:
            raise Forbidden(f"{ORGANIZATION_HEADER} names another organization than the key's own.")
        return own
    if not named:
        raise OrganizationMissing(
            f"A platform key needs the header {ORGANIZATION_HEADER}: <organization ID>."
        )
    return existing(canonical_id(named), f"{ORGANIZATION_HEADER} names no organization.")


def existing(organization_id: str | None, detail: str) -> str:
    """The id, unless the organization does not exist (NotFound) or is suspended (Suspended)."""
    state = credential_cache.organization_state(organization_id) if organization_id else None
    if organization_id is None or state is None:
        raise NotFound(detail)
    if state == "suspended":
        raise Suspended
    return organization_id
