"""/api/auth/login: the original's way from a name and a password to a token."""

from app.compat.common.views import Document
from app.domain.common.errors import FieldError, Invalid, Suspended
from app.domain.common.ids import canonical_id
from app.http.bodies import FieldsBody
from app.http.credentials import check_network
from app.http.messages import Request, Response
from app.http.routes import Route
from app.queries.accounts import users as accounts
from app.services.accounts import credential_cache
from app.services.accounts.api_keys import whole_key

PATH = "/api/auth/login"
REQUIRED = ("username", "password")
# The original's framework reports errors of no single field under this name.
NO_FIELD = "non_field_errors"


def login(request: Request) -> Response:
    """The name is an API key's id and the password its secret; the token is the whole key. People's
    own passwords are for the dashboard only, where two-factor authentication protects them."""
    fields = request.fields
    key_id, secret = _required(fields)
    principal = credential_cache.by_pair(key_id, secret)
    organization = fields.get("organization_id")
    is_other = principal is not None and not _is_of(principal.organization_id, organization)
    if principal is None or is_other:
        problem = "Unable to log in with provided credentials."
        remedy = "Use an API key's ID as username and its secret as password."
        raise Invalid([FieldError(NO_FIELD, "credentials", problem, remedy)])
    if principal.is_suspended:
        raise Suspended
    check_network(principal, request.remote_address)
    return Response(200, {"token": whole_key(key_id, secret)}, (("Cache-Control", "no-store"),))


def _required(fields: Document) -> tuple[str, str]:
    errors = [
        FieldError(name, "required", "This field is required.", "")
        if name not in fields
        else FieldError(name, "blank", "This field may not be blank.", "")
        for name in REQUIRED
        if not isinstance(fields.get(name), str) or not fields[name]
    ]
    if errors:
        raise Invalid(errors)
    return fields["username"], fields["password"]


def _is_of(own: str | None, named: object) -> bool:
    """A platform key is for every organization; without a name any is meant. named: an id or a
    short code."""
    if own is None or named in (None, ""):
        return True
    if not isinstance(named, str):
        return False
    if (id_ := canonical_id(named)) is not None:
        return id_ == own
    row = accounts.organization_by_uid(named)
    return row is not None and row.id == own


ROUTE = Route("POST", PATH, login, body=FieldsBody())
