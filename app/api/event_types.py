"""/api/v1/event-types: the catalogue of an organization."""

from functools import partial
from typing import Any

import msgspec

from app.api.fields import Fields, boolean
from app.api.paging import CURSOR, LIMIT
from app.api.parameters import text
from app.api.route import PREFIX, Answer, Call, Route
from app.api.schemas import event_types as shapes
from app.api.schemas.responses import Page
from app.domain.common.clock import iso
from app.domain.common.errors import NotFound, invalid
from app.domain.event_types.fields import parse_fields
from app.domain.event_types.names import description_of
from app.models import EventType, Webhook
from app.queries import event_types as found_types
from app.services.event_types import imports
from app.services.event_types import service as event_types

ONE = f"{PREFIX}/event-types/<event_type>"
READ, WRITE = "deliveries:read", "webhooks:manage"


def index(call: Call) -> Answer:
    query = call.query
    page = found_types.page(call.organization_id, query["limit"], query["cursor"], q=query["q"])
    takers = found_types.takers(call.organization_id)
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
    return Answer(200, Page(listed, page.next_cursor))


def show(call: Call) -> Answer:
    row = found_types.get(call.organization_id, call.ids["event_type"])
    if row is None:
        raise NotFound
    return Answer(200, _shown(call, row))


def put(call: Call) -> Answer:
    name, fields = call.ids["event_type"], parse_fields(call.body)
    row, is_new = event_types.put(call.organization_id, name, fields, call.actor)
    return Answer(201 if is_new else 200, _shown(call, row))


def delete(call: Call) -> Answer:
    event_types.delete(call.organization_id, call.ids["event_type"], call.actor)
    return Answer(204)


def take_over(call: Call) -> Answer:
    given = Fields(call.document(), ("document", "dry_run"))
    document = given.take("document", partial(_document, call.organization_id))
    dry_run = given.take("dry_run", boolean) or False
    given.done()
    planned = imports.plan(call.organization_id, document)
    if not dry_run:
        imports.carry_out(call.organization_id, planned, None, call.actor)
    done = [shapes.Imported(p.name, p.becomes, p.problem, p.dropped) for p in planned]
    return Answer(200, shapes.Import(done, dry_run))


def _document(organization_id: str, value: object, field: str) -> Any:
    if isinstance(value, str):
        return imports.read_document(organization_id, value.encode())
    if not isinstance(value, dict):
        remedy = "Give an OpenAPI document of version 3, an object or its text."
        raise invalid(field, "type", "It is no document.", remedy)
    return value


def _shown(call: Call, row: EventType) -> shapes.EventType:
    takers = found_types.takers_of(call.organization_id, row.name)
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
    Route(
        "GET",
        f"{PREFIX}/event-types",
        index,
        "List event types, in alphabetical order",
        "Event types",
        {200: Page[shapes.ListedEventType]},
        READ,
        query=(text("q", "Text in the name or the description."), LIMIT, CURSOR),
    ),
    Route("GET", ONE, show, "One event type", "Event types", {200: shapes.EventType}, READ),
    Route(
        "PUT",
        ONE,
        put,
        "Describe an event type anew, or add it",
        "Event types",
        {200: shapes.EventType, 201: shapes.EventType},
        WRITE,
        body=shapes.EventTypeInput,
    ),
    Route(
        "DELETE",
        ONE,
        delete,
        "Take an event type out; it joins again with its next event",
        "Event types",
        {204: None},
        WRITE,
    ),
    Route(
        "POST",
        f"{PREFIX}/event-type-imports",
        take_over,
        "Take event types over from an OpenAPI document",
        "Event types",
        {200: shapes.Import},
        WRITE,
        body=shapes.ImportInput,
    ),
)
