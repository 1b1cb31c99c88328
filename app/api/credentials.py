"""Whose request it is, what it may do, and which organization it is about."""

from flask import Request

from app.domain.common.errors import CallboardError, Forbidden, NotFound, Unauthorized
from app.domain.common.ids import canonical_id
from app.http import reading as incoming
from app.services.accounts import credential_cache
from app.services.accounts.api_keys import Principal

ORGANIZATION_HEADER = "Callboard-Organization"
# What a route asks for that only a platform key may do.
PLATFORM = "platform"

HOW = "Send Authorization: Bearer <key>, or Basic with the key's id and secret."


class OrganizationMissingError(CallboardError):
    status, code, title = 400, "organization_missing", "The organization is not named"


def principal_of(request: Request) -> Principal:
    """Unauthorized when there is no credential, or none that is known."""
    header = request.environ.get("HTTP_AUTHORIZATION")
    found = incoming.credential(header)
    if found is None:
        said = "The Authorization header cannot be read." if header else "There is no credential."
        raise Unauthorized(f"{said} {HOW}")
    if isinstance(found, incoming.Pair):
        principal = credential_cache.by_pair(found.id, found.secret)
    else:
        principal = credential_cache.by_key(found.key)
    if principal is None:
        raise Unauthorized(f"The key is not known, has expired or was revoked. {HOW}")
    return principal


def check_permission(principal: Principal, permission: str) -> None:
    """Forbidden unless the key has the scope, or is a platform key where that is asked for."""
    if permission == PLATFORM:
        if principal.kind != "platform":
            raise Forbidden("Only a platform key may do this.")
    elif not principal.allows(permission):
        raise Forbidden(f"This key lacks the scope {permission}.")


def organization_of(request: Request, principal: Principal, in_path: str | None = None) -> str:
    """The id of the key's own organization, or of the one that a platform key names.

    in_path: where the path names it, no header needs to; another than the key's own is not there.
    """
    if in_path is not None:
        return _organization_in_path(principal, in_path)
    named = request.environ.get("HTTP_CALLBOARD_ORGANIZATION")
    own = principal.organization_id
    if own is not None:
        if named is not None and canonical_id(named) != own:
            raise Forbidden(f"{ORGANIZATION_HEADER} names another organization than the key's own.")
        return own
    if not named:
        raise OrganizationMissingError(
            "A platform key is good for every organization:"
            f" say which with the header {ORGANIZATION_HEADER}: <its id>."
        )
    found = canonical_id(named)
    if found is None or not credential_cache.organization_exists(found):
        raise NotFound(f"{ORGANIZATION_HEADER} names no organization.")
    return found


def _organization_in_path(principal: Principal, named: str) -> str:
    found = canonical_id(named)
    is_own = principal.organization_id in (None, found)
    if found is None or not is_own or not credential_cache.organization_exists(found):
        raise NotFound
    return found
