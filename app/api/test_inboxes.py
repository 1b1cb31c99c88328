"""/api/v1/test-inboxes: receivers inside Callboard, and the requests that they received."""

from collections.abc import Iterator
from typing import Any

from app.api.common.routes import CURSOR, LIMIT, PREFIX, ApiRoute
from app.api.schemas import responses
from app.api.schemas import test_inboxes as schemas
from app.api.views.attempts import body, parse_head
from app.domain.common.clock import iso, iso_or_none
from app.domain.common.errors import FieldError, Invalid, NotFound
from app.domain.test_inbox.responses import DEFAULTS, check_response_settings, inbox_url
from app.http.bodies import JsonBody
from app.http.messages import Request, Response
from app.models import TestInbox, TestInboxRequest
from app.queries import test_inbox as inbox_queries
from app.runtime.context import runtime
from app.services.test_inbox import inboxes, reading
from app.services.test_inbox.receiving import KEPT_BYTES

PATH = f"{PREFIX}/test-inboxes"
ITEM = f"{PATH}/<inbox_id>"
REQUESTS = f"{ITEM}/requests"
MANAGE = "webhooks:manage"


def create(request: Request) -> Response:
    row = inboxes.create(request.organization_id, _known(request), request.actor)
    return Response(201, _document(row))


def index(request: Request) -> Response:
    rows = inbox_queries.listed(request.organization_id)
    return Response(200, responses.Page([_document(row) for row in rows], None))


def show(request: Request) -> Response:
    return Response(200, _document(_of_path(request)))


def update(request: Request) -> Response:
    row = _of_path(request)
    fields = _settings(row) | _known(request)
    changed = inboxes.update(request.organization_id, row.id, fields, request.actor)
    return Response(200, _document(changed))


def delete(request: Request) -> Response:
    inboxes.delete(request.organization_id, request.ids["inbox_id"], request.actor)
    return Response(204)


def clear(request: Request) -> Response:
    inboxes.clear(request.organization_id, request.ids["inbox_id"], request.actor)
    return Response(204)


def requests(request: Request) -> Response:
    query, row = request.query, _of_path(request)
    page = inbox_queries.caught(row.organization_id, row.id, query["limit"], query["cursor"])
    listed = [schemas.ListedReceivedRequest(**_fields(each)) for each in page.rows]
    return Response(200, responses.Page(listed, page.next_cursor))


def show_request(request: Request) -> Response:
    """Only keys that manage webhooks see the secrets of the webhook that sent it."""
    ids = request.ids
    row = inbox_queries.request(request.organization_id, ids["inbox_id"], ids["request_id"])
    if row is None:
        raise NotFound
    is_manager = request.principal is not None and request.principal.allows(MANAGE)
    content = reading.content_of(row, shows_secrets=is_manager)
    if content.shows_secrets and request.method != "HEAD":
        reading.record_reveal(row, request.actor)
    request_line, headers = parse_head(content.head)
    document = schemas.ReceivedRequest(
        **_fields(row),
        request_line=request_line,
        headers=headers,
        body=body(content.body),
        truncated=row.bytes > KEPT_BYTES,
    )
    return Response(200, document)


def _known(request: Request) -> dict[str, Any]:
    """The body's fields. Invalid: it has unknown ones; values are checked by the service."""
    fields = request.document(optional=True)
    remedy = f"Known fields: {', '.join(DEFAULTS)}."
    errors = [
        FieldError(name[:60], "unknown", "Unknown field.", remedy)
        for name in fields
        if name not in DEFAULTS
    ]
    if errors:
        raise Invalid([*errors, *_errors_of({k: v for k, v in fields.items() if k in DEFAULTS})])
    return fields


def _errors_of(fields: dict[str, Any]) -> Iterator[FieldError]:
    try:
        check_response_settings(fields)
    except Invalid as error:
        yield from error.errors


def _of_path(request: Request) -> TestInbox:
    row = inbox_queries.get(request.organization_id, request.ids["inbox_id"])
    if row is None:
        raise NotFound
    return row


def _settings(row: TestInbox) -> dict[str, Any]:
    return {
        "name": row.name,
        "status": row.status,
        "delay_seconds": row.delay_ms / 1000,
        "failure_percent": row.failure_percent,
    }


def _document(row: TestInbox) -> schemas.TestInbox:
    return schemas.TestInbox(
        id=row.id,
        url=inbox_url(runtime().settings.public_url, row.token),
        received=row.received,
        last_received_at=iso_or_none(row.last_received_at),
        created_at=iso(row.created_at),
        **_settings(row),
    )


def _fields(row: TestInboxRequest) -> dict[str, Any]:
    return {
        "id": row.id,
        "received_at": iso(row.received_at),
        "method": row.method,
        "event_type": row.event_type,
        "bytes": row.bytes,
        "remote_address": row.remote_address,
        "signature": row.signature,
        "webhook_id": row.webhook_id,
        "delivery_id": row.delivery_id,
        "status": row.status,
        "status_reason": row.why,
    }


ROUTES = (
    ApiRoute(
        "POST",
        PATH,
        create,
        MANAGE,
        operation="createTestInbox",
        summary="Create a test inbox, a receiver inside Callboard",
        tag="Test inboxes",
        responses={201: schemas.TestInbox},
        body=JsonBody(schemas.TestInboxInput, optional=True),
        errors=(409,),
    ),
    ApiRoute(
        "GET",
        PATH,
        index,
        "deliveries:read",
        operation="listTestInboxes",
        summary="List test inboxes, newest first",
        tag="Test inboxes",
        responses={200: responses.Page[schemas.TestInbox]},
    ),
    ApiRoute(
        "GET",
        ITEM,
        show,
        "deliveries:read",
        operation="getTestInbox",
        summary="Get a test inbox",
        tag="Test inboxes",
        responses={200: schemas.TestInbox},
    ),
    ApiRoute(
        "PATCH",
        ITEM,
        update,
        MANAGE,
        operation="updateTestInbox",
        summary="Change how a test inbox responds",
        tag="Test inboxes",
        responses={200: schemas.TestInbox},
        body=JsonBody(schemas.TestInboxInput),
    ),
    ApiRoute(
        "DELETE",
        ITEM,
        delete,
        MANAGE,
        operation="deleteTestInbox",
        summary="Delete a test inbox with its requests; its URL responds with 404",
        tag="Test inboxes",
        responses={204: None},
    ),
    ApiRoute(
        "GET",
        REQUESTS,
        requests,
        "deliveries:read",
        operation="listTestInboxRequests",
        summary="List the requests that a test inbox received, newest first",
        tag="Test inboxes",
        responses={200: responses.Page[schemas.ListedReceivedRequest]},
        query=(LIMIT, CURSOR),
    ),
    ApiRoute(
        "GET",
        f"{REQUESTS}/<request_id>",
        show_request,
        "deliveries:read",
        operation="getTestInboxRequest",
        summary="Get a received request with headers and body",
        tag="Test inboxes",
        responses={200: schemas.ReceivedRequest},
    ),
    ApiRoute(
        "DELETE",
        REQUESTS,
        clear,
        MANAGE,
        operation="deleteTestInboxRequests",
        summary="Delete the requests that a test inbox received",
        tag="Test inboxes",
        responses={204: None},
    ),
)
