"""Whose request it is: the credentials of all originals, over the one API key."""

from flask import Request

from app.compat.common.faults import Fault
from app.domain.common.errors import Forbidden, NotFound, Unauthorized
from app.domain.common.ids import canonical_id
from app.http.reading import Pair, credential
from app.services.accounts import credential_cache
from app.services.accounts.api_keys import Principal

ORGANIZATION_HEADER = "Callboard-Organization"


def principal_of(request: Request, key_headers: tuple[str, ...] = ()) -> Principal:
    """From `Authorization` (Bearer, Token, or Basic with id and secret) or, where there is none,
    from the dialect's own headers: one with the whole key, or two with id and secret.
    Unauthorized when there is no credential, or none that is known."""
    header = request.environ.get("HTTP_AUTHORIZATION")
    own = [request.headers.get(name, "") for name in key_headers]
    if header:
        principal = _authorized(header)
    elif own and all(own):
        principal = (
            credential_cache.by_key(*own) if len(own) == 1 else credential_cache.by_pair(*own)
        )
    else:
        raise Unauthorized("Authentication credentials were not provided.")
    if principal is None:
        raise Unauthorized("The key is not known, has expired or was revoked.")
    return principal


def _authorized(header: str) -> Principal | None:
    found = credential(header)
    if found is None:
        return None
    if isinstance(found, Pair):
        return credential_cache.by_pair(found.id, found.secret)
    return credential_cache.by_key(found.key)


def check_permission(principal: Principal, permission: str) -> None:
    if not principal.allows(permission):
        raise Forbidden(f"This key lacks the scope {permission}.")


def organization_of(request: Request, principal: Principal, named: str | None = None) -> str:
    """The id of the key's own organization, or of the one that a platform key names.

    named: in the path; otherwise in the header `Callboard-Organization`. NotFound: there is none
    by that id. Forbidden: it is not the key's own. Fault 400: a platform key that names none.
    """
    named = named or request.headers.get(ORGANIZATION_HEADER)
    own, found = principal.organization_id, canonical_id(named)
    if own is not None:
        if named and found != own:
            raise Forbidden("That is another organization than the key's own.")
        return own
    if not named:
        said = f"Say which organization with the header {ORGANIZATION_HEADER}: <its id>."
        raise Fault(400, "organization_missing", f"This is a platform key. {said}")
    if found is None or not credential_cache.organization_exists(found):
        raise NotFound("There is no such organization.")
    return found
