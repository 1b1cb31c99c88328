"""/webhooks.json and /webhooks/<id>.json: the API of a Rails scaffold."""

from app.compat.common import listing
from app.compat.common.dialect import Dialect
from app.compat.common.views import Document
from app.compat.common.webhooks import WebhookResource
from app.compat.form_callback import errors, translate
from app.http.messages import Request, Response
from app.http.people import session
from app.queries import webhooks as webhook_queries

PER_PAGE = 20
MAX_PER_PAGE = 1000

COLLECTION = "/webhooks.json"


def index(request: Request) -> Response:
    """The original's pager uses the default for a page or a length that is not a number."""
    query = request.query_fields()
    page, per_page = (_number(query.get(name, "")) for name in ("page", "per"))
    per_page = min(per_page or PER_PAGE, MAX_PER_PAGE)
    outlines = webhook_queries.outlines(request.organization_id)
    offset = (max(page, 1) - 1) * per_page
    rows = listing.rows_of(request.organization_id, outlines, offset, per_page)
    return Response(200, WEBHOOKS.documents(rows))


def _number(text: str) -> int:
    """0 for what is not a number, or too large for any list."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _created(request: Request, document: Document) -> Response:
    location = f"{listing.base_url(request)}/webhooks/{document['id']}.json"
    return Response(201, document, (("Location", location),))


WEBHOOKS = WebhookResource(
    collection=COLLECTION,
    item="/webhooks/<rest:webhook_id>.json",
    to_create=translate.to_create,
    to_update=translate.to_update,
    render=translate.render,
    index=index,
    secret="api_key",  # noqa: S106 -- the name of a column
    update_methods=("PUT", "PATCH"),
    created=_created,
)

DIALECT = Dialect(
    name="form_callback",
    unmatched=(f"{COLLECTION}/<rest:rest>",),
    credentials=(session,),
    error=errors.render,
    webhooks=WEBHOOKS,
)
