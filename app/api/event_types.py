"""/api/v1/event-types: the catalogue of an organization."""

from functools import partial
from typing import Any

import msgspec

from app.api.fields import Fields, boolean
from app.api.routes import CURSOR, LIMIT, PREFIX, ApiRoute
from app.api.schemas import event_types as shapes
from app.api.schemas.responses import Page
from app.domain.common.clock import iso
from app.domain.common.errors import NotFound, invalid
from app.domain.event_types.fields import parse_fields
from app.domain.event_types.names import description_of
from app.http.bodies import JsonBody
from app.http.messages import Request, Response
from app.http.parameters import text
from app.models import EventType, Webhook
from app.queries import event_types as found_types
from app.services.event_types import imports
from app.services.event_types import service as event_types

ONE = f"{PREFIX}/event-types/<event_type>"
READ, WRITE = "deliveries:read", "webhooks:manage"


def index(request: Request) -> Response:
    query = request.query
    page = found_types.page(request.organization_id, query["limit"], query["cursor"], q=query["q"])
    takers = found_types.takers(request.organization_id)
    listed = [
        shapes.ListedEventType(
            name=row.name,
            description=row.description or description_of(row.name),
            has_sample=row.sample is not None,
            has_schema=row.schema is not None,
            webhook_count=takers.of(row.name),
            created_at=iso(row.created_at),
        )
        for row in page.rows
    ]
    return Response(200, Page(listed, page.next_cursor))


def show(request: Request) -> Response:
    row = found_types.get(request.organization_id, request.ids["event_type"])
    if row is None:
        raise NotFound
    return Response(200, _shown(request, row))


def put(request: Request) -> Response:
    name, fields = request.ids["event_type"], parse_fields(request.body)
    row, is_new = event_types.put(request.organization_id, name, fields, request.actor)
    return Response(201 if is_new else 200, _shown(request, row))


def delete(request: Request) -> Response:
    event_types.delete(request.organization_id, request.ids["event_type"], request.actor)
    return Response(204)


def take_over(request: Request) -> Response:
    given = Fields(request.document(), ("document", "dry_run"))
    document = given.take("document", partial(_document, request.organization_id))
    dry_run = given.take("dry_run", boolean) or False
    given.done()
    planned = imports.plan(request.organization_id, document)
    if not dry_run:
        imports.carry_out(request.organization_id, planned, None, request.actor)
    done = [shapes.Imported(p.name, p.becomes, p.problem, p.dropped) for p in planned]
    return Response(200, shapes.Import(done, dry_run))


def _document(organization_id: str, value: object, field: str) -> Any:
    if isinstance(value, str):
        return imports.read_document(organization_id, value.encode())
    if not isinstance(value, dict):
        remedy = "Give an OpenAPI document of version 3, an object or its text."
        raise invalid(field, "type", "It is no document.", remedy)
    return value


def _shown(request: Request, row: EventType) -> shapes.EventType:
    takers = found_types.takers_of(request.organization_id, row.name)
    return shapes.EventType(
        name=row.name,
        description=row.description or description_of(row.name),
        sample=None if row.sample is None else msgspec.Raw(row.sample),
        schema=row.schema,
        webhooks=[_taker(webhook) for webhook in takers],
        created_at=iso(row.created_at),
    )


def _taker(row: Webhook) -> shapes.Taker:
    return shapes.Taker(row.id, row.name, row.url, row.event_types is not None)


ROUTES = (
    ApiRoute(
        "GET",
        f"{PREFIX}/event-types",
        index,
        READ,
        summary="List event types, in alphabetical order",
        tag="Event types",
        responses={200: Page[shapes.ListedEventType]},
        query=(text("q", "Text in the name or the description."), LIMIT, CURSOR),
    ),
    ApiRoute(
        "GET",
        ONE,
        show,
        READ,
        summary="One event type",
        tag="Event types",
        responses={200: shapes.EventType},
    ),
    ApiRoute(
        "PUT",
        ONE,
        put,
        WRITE,
        summary="Describe an event type anew, or add it",
        tag="Event types",
        responses={200: shapes.EventType, 201: shapes.EventType},
        body=JsonBody(shapes.EventTypeInput),
    ),
    ApiRoute(
        "DELETE",
        ONE,
        delete,
        WRITE,
        summary="Take an event type out; it joins again with its next event",
        tag="Event types",
        responses={204: None},
    ),
    ApiRoute(
        "POST",
        f"{PREFIX}/event-type-imports",
        take_over,
        WRITE,
        summary="Take event types over from an OpenAPI document",
        tag="Event types",
        responses={200: shapes.Import},
        body=JsonBody(shapes.ImportInput),
    ),
)
