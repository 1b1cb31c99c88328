"""/api/v1/event-types: the event catalogue of an organization."""

from functools import partial
from typing import Any

import msgspec

from app.api.common.fields import Fields, boolean
from app.api.common.routes import CURSOR, LIMIT, PREFIX, ApiRoute
from app.api.schemas import event_types as schemas
from app.api.schemas.responses import Page
from app.domain.common.clock import iso
from app.domain.common.errors import Malformed, NotFound, invalid
from app.domain.event_types.callbacks import BODIES, PAYLOAD
from app.domain.event_types.fields import OFF, parse_fields
from app.domain.event_types.names import description_of
from app.http.bodies import JsonBody
from app.http.messages import Request, Response
from app.http.parameters import choices, text
from app.models import EventType, Webhook
from app.queries.event_types import catalogue as event_type_queries
from app.services.event_types import exports, imports
from app.services.event_types import service as event_type_service

ITEM = f"{PREFIX}/event-types/<event_type>"
READ, WRITE = "deliveries:read", "webhooks:manage"
BODY = choices(
    "body",
    BODIES,
    "What schemas and examples describe: the payload, which an import reads, or the whole body that"
    " a webhook of the preset `standard` gets.",
    (PAYLOAD,),
    many=False,
)


def index(request: Request) -> Response:
    query, organization_id = request.query, request.organization_id
    page = event_type_queries.page(organization_id, query["limit"], query["cursor"], q=query["q"])
    counts = event_type_queries.webhook_counts(organization_id)
    listed = [
        schemas.ListedEventType(
            name=row.name,
            description=row.description or description_of(row.name),
            has_sample=row.sample is not None,
            has_schema=row.schema is not None,
            webhook_count=counts.of(row.name),
            created_at=iso(row.created_at),
        )
        for row in page.rows
    ]
    return Response(200, Page(listed, page.next_cursor))


def show(request: Request) -> Response:
    row = event_type_queries.get(request.organization_id, request.ids["event_type"])
    if row is None:
        raise NotFound
    return Response(200, _view(request, row))


def put(request: Request) -> Response:
    name, fields = request.ids["event_type"], parse_fields(request.body)
    row, is_new = event_type_service.put(request.organization_id, name, fields, request.actor)
    return Response(201 if is_new else 200, _view(request, row))


def delete(request: Request) -> Response:
    event_type_service.delete(request.organization_id, request.ids["event_type"], request.actor)
    return Response(204)


def export(request: Request) -> Response:
    query = request.query
    [body] = query["body"]
    return Response(200, exports.document(request.organization_id, body, query["cursor"]))


def import_document(request: Request) -> Response:
    fields = Fields(request.document(), ("document", "dry_run"))
    document = fields.take("document", partial(_document, request.organization_id))
    dry_run = fields.take("dry_run", boolean) or False
    fields.done()
    planned = imports.plan(request.organization_id, document)
    if not dry_run:
        imports.carry_out(request.organization_id, planned, None, request.actor)
    imported = [schemas.Imported(p.name, p.becomes, p.problem, p.dropped) for p in planned]
    return Response(200, schemas.Import(imported, dry_run))


def _document(organization_id: str, value: object, field: str) -> Any:
    remedy = "Send an OpenAPI 3 document, as an object or as a string."
    if isinstance(value, str):
        try:
            return imports.read_document(organization_id, value.encode())
        except Malformed as error:
            # The body can be parsed; it is this field that cannot.
            raise invalid(field, "format", error.detail, remedy) from None
    if not isinstance(value, dict):
        raise invalid(field, "type", "Neither an object nor a string.", remedy)
    return value


def _view(request: Request, row: EventType) -> schemas.EventType:
    webhooks = event_type_queries.webhooks_for(request.organization_id, row.name)
    return schemas.EventType(
        name=row.name,
        description=row.description or description_of(row.name),
        sample=None if row.sample is None else msgspec.Raw(row.sample),
        schema=row.schema,
        schema_check=row.schema_check or OFF,  # type: ignore[arg-type]
        webhooks=[_matching(webhook) for webhook in webhooks],
        created_at=iso(row.created_at),
    )


def _matching(row: Webhook) -> schemas.MatchingWebhook:
    return schemas.MatchingWebhook(row.id, row.name, row.url, row.event_types is not None)


ROUTES = (
    ApiRoute(
        "GET",
        f"{PREFIX}/event-types",
        index,
        READ,
        operation="listEventTypes",
        summary="List event types, in alphabetical order",
        tag="Event types",
        responses={200: Page[schemas.ListedEventType]},
        query=(text("q", "Text in the name or the description."), LIMIT, CURSOR),
    ),
    ApiRoute(
        "GET",
        ITEM,
        show,
        READ,
        operation="getEventType",
        summary="Get an event type",
        tag="Event types",
        responses={200: schemas.EventType},
    ),
    ApiRoute(
        "PUT",
        ITEM,
        put,
        WRITE,
        operation="putEventType",
        summary="Create an event type or replace its description",
        tag="Event types",
        responses={200: schemas.EventType, 201: schemas.EventType},
        body=JsonBody(schemas.EventTypeInput),
    ),
    ApiRoute(
        "DELETE",
        ITEM,
        delete,
        WRITE,
        operation="deleteEventType",
        summary="Delete an event type; its next event adds it again",
        tag="Event types",
        responses={204: None},
    ),
    ApiRoute(
        "GET",
        f"{PREFIX}/event-types.openapi.json",
        export,
        READ,
        operation="exportEventTypes",
        summary="Get the event types as the webhooks of an OpenAPI document",
        tag="Event types",
        responses={200: dict},
        query=(BODY, text("cursor", "`x-next-cursor` of the previous document.")),
    ),
    ApiRoute(
        "POST",
        f"{PREFIX}/event-type-imports",
        import_document,
        WRITE,
        operation="importEventTypes",
        summary="Import event types from an OpenAPI document",
        tag="Event types",
        responses={200: schemas.Import},
        body=JsonBody(schemas.ImportInput),
    ),
)
