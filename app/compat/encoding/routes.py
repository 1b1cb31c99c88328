"""/api/webhooks: manage and check the encoding service's webhooks."""

from app.compat.common import listing
from app.compat.common.dialect import Dialect
from app.compat.common.views import Document
from app.compat.common.webhooks import MANAGE, WebhookResource
from app.compat.encoding import errors, translate
from app.domain.deliveries.causes import OK, cause_of_response, explain
from app.http.credentials import pair_headers
from app.http.errors import HttpError
from app.http.messages import Request, Response
from app.http.routes import Route
from app.queries import webhooks as webhook_queries
from app.services.webhooks import test_sends

COLLECTION = "/api/webhooks"

PER_PAGE, MAX_PER_PAGE = 25, 100
_MAX_OFFSET = 10**15


def index(request: Request) -> Response:
    query = request.query_fields()
    offset = listing.whole_number(query, "offset", 0, 0, _MAX_OFFSET)
    limit = listing.whole_number(query, "limit", PER_PAGE, 0, MAX_PER_PAGE) or PER_PAGE
    outlines = translate.search(webhook_queries.outlines(request.organization_id), query)
    rows = listing.rows_of(request.organization_id, outlines, offset, limit)
    documents = WEBHOOKS.documents(rows)
    return _data({"webhooks": documents, "total": len(outlines)})


def check(request: Request) -> Response:
    webhook_id = request.ids["webhook_id"]
    result = test_sends.check(request.organization_id, webhook_id, request.actor)
    if result.succeeded:
        return _message("Check webhook successfully.")
    outcome = result.outcome
    cause, status = outcome.cause, outcome.status
    if cause == OK and status is not None:
        # The response was complete, but its status is no success status of the webhook.
        cause = cause_of_response(status, accepted=False)
    detail = explain(cause, status, outcome.detail)
    raise HttpError(400, "check_failed", "Check failed", detail)


def _invalid_id() -> HttpError:
    return HttpError(400, "invalid_id", "Invalid ID", "Webhook's id is invalid.")


def _data(data: Document, status: int = 200) -> Response:
    return Response(status, {"status": "success", "data": data})


def _message(message: str) -> Response:
    return Response(200, {"status": "success", "message": message})


WEBHOOKS = WebhookResource(
    collection=COLLECTION,
    item=f"{COLLECTION}/<webhook_id>",
    to_create=translate.to_create,
    to_update=translate.to_update,
    render=translate.render,
    index=index,
    update_methods=("PUT", "PATCH"),
    shows_last_attempt=True,
    created=lambda _, document: _data({"webhook": document}, 201),
    shown=lambda _, document: _data({"webhook": document}),
    updated=lambda _: _message("Update webhook successfully."),
    deleted=lambda: _message("Deleted webhook successfully."),
)

DIALECT = Dialect(
    name="encoding",
    unmatched=("/api", "/api/<rest:rest>"),
    error=errors.render,
    webhooks=WEBHOOKS,
    routes=(Route("POST", f"{COLLECTION}/check/<webhook_id>", check, MANAGE),),
    credentials=(pair_headers("stream-public-key", "stream-secret-key"),),
    invalid_id=_invalid_id,
)
