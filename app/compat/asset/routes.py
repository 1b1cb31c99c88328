"""/api/v1/<organization_id>/webhooks: a webhook as two fields, its URL and its secret token; and
/api/auth/login, the way to a token."""

import re

from app.compat.asset import errors, login, translate
from app.compat.common import listing
from app.compat.common.dialect import Dialect
from app.compat.common.reserved import NATIVE, SVIX
from app.compat.common.webhooks import WebhookResource
from app.domain.common.errors import NotFound
from app.domain.common.ids import canonical_id
from app.http import credentials
from app.http.errors import HttpError
from app.http.messages import Request, Response
from app.queries import webhooks as webhook_queries
from app.queries.accounts import users as accounts

COLLECTION = "/api/v1/<organization:organization_id>/webhooks"

# Everything but a reserved word in the place of an organization id gets this dialect's 404.
_RESERVED = "|".join(re.escape(word) for word in (*NATIVE, *SVIX))
ORGANIZATION_ID = rf"(?!(?:{_RESERVED})(?:/|\Z))[^/]+"


def index(request: Request) -> Response:
    query = request.query_fields()
    outlines = webhook_queries.outlines(request.organization_id)
    window = translate.window_of(query)
    is_beyond_end = window and (window.page or 1) > 1 and window.offset >= len(outlines)
    if window is None or is_beyond_end:
        raise HttpError(404, "page", "Not found", "Invalid page.")
    rows = listing.rows_of(request.organization_id, outlines, window.offset, window.limit)
    documents = WEBHOOKS.documents(rows)
    url = listing.base_url(request) + request.path
    return Response(200, translate.page(documents, len(outlines), window, url, query))


def _organization(request: Request) -> str:
    """Another organization and an unknown one get the same response as an unknown path."""
    try:
        named = request.ids.get("organization_id")
        if named is not None and canonical_id(named) is None:
            return _by_code(request, named)
        return credentials.organization_of(request)
    except NotFound:
        raise HttpError(404, "organization", "Not found", errors.NO_SUCH_PATH) from None


def _by_code(request: Request, code: str) -> str:
    """The organization whose uid is the short code in the path. NotFound."""
    assert request.principal is not None, "authenticate comes first"
    row, own = accounts.organization_by_uid(code), request.principal.organization_id
    if row is None or own not in (None, row.id):
        raise NotFound
    return credentials.existing(row.id, "")


WEBHOOKS = WebhookResource(
    collection=COLLECTION,
    item=f"{COLLECTION}/<webhook_id>",
    to_create=translate.to_create,
    to_update=translate.to_update,
    render=translate.render,
    index=index,
    secret="secret_token",  # noqa: S106 -- the name of a column
)

DIALECT = Dialect(
    name="asset",
    unmatched=(f"{COLLECTION}/<rest:rest>", "/api/auth", "/api/auth/<rest:rest>"),
    error=errors.render,
    webhooks=WEBHOOKS,
    routes=(login.ROUTE,),
    organization=_organization,
    challenges=('Token realm="callboard"', 'Bearer realm="callboard"', 'Basic realm="callboard"'),
    patterns=(("organization", ORGANIZATION_ID),),
    # May be a short code.
    text_ids=frozenset({"organization_id"}),
)
