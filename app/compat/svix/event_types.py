"""/api/v1/event-type: a platform key defines types for every organization, another key its own."""

from typing import Any

import msgspec

from app.compat.common.views import Document
from app.compat.svix.common import paging
from app.compat.svix.common.errors import not_supported
from app.compat.svix.common.fields import Body
from app.domain.common.clock import iso
from app.domain.common.errors import Conflict, NotFound, invalid
from app.domain.event_types.fields import EventTypeFields, parse_fields
from app.domain.event_types.names import check_name
from app.domain.event_types.versions import sample_of, schema_of
from app.http.messages import Request, Response
from app.models import EventType, PlatformEventType
from app.queries.event_types import catalogue as event_type_queries
from app.queries.event_types import platform as platform_queries
from app.services.event_types import platform
from app.services.event_types import service as event_type_service
from app.services.event_types.platform import PlatformFields

Row = EventType | PlatformEventType
_OF_PLATFORM = "Only types that a platform key creates can be grouped, archived or deprecated."


def index(request: Request) -> Response:
    direction, limit = paging.turn_of(request, paging.read_name, ascending=True)
    archived = paging.flag_of(request, "include_archived")
    rows: dict[str, Row] = {row.name: row for row in platform_queries.listed(archived=archived)}
    if request.organization_id:
        own = event_type_queries.own(request.organization_id)
        rows |= {row.name: row for row in own if row.name not in rows or described(row)}
    ordered = [rows[name] for name in sorted(rows)]
    turned = paging.sliced(ordered, lambda row: row.name, direction, limit)
    with_content = paging.flag_of(request, "with_content")
    documents = [document(row, with_content=with_content) for row in turned.rows]
    return Response(200, paging.page(documents, turned))


def described(row: EventType) -> bool:
    """Whether it is more than a name that its first event added."""
    return bool(row.description) or row.sample is not None or row.schema is not None


def show(request: Request) -> Response:
    return Response(200, document(_of_path(request)))


def create(request: Request) -> Response:
    body = Body(request.fields)
    name = body.text("name", required=True)
    fields = _read(body, request, {})
    body.done()
    check_name(name, "name")
    if isinstance(fields, PlatformFields):
        row: Row = platform.put(name, fields, request.actor, only_new=True)[0]
        return Response(201, document(row))
    existing = event_type_queries.get(request.organization_id, name)
    if existing is not None and described(existing):
        raise Conflict(f"The event type {name} exists already.")
    return _put(request, name, fields)


def put(request: Request) -> Response:
    body, name = Body(request.fields), request.ids["event_type_name"]
    fields = _read(body, request, {})
    body.done()
    return _put(request, check_name(name, "name"), fields)


def patch(request: Request) -> Response:
    row = _of_path(request)
    body = Body(request.fields)
    fields = _read(body, request, document(row))
    body.done()
    response = _put(request, row.name, fields)
    return Response(200, response.document)


def delete(request: Request) -> Response:
    """A type of the platform is archived, unless the query has `expunge=true`."""
    row = _of_path(request)
    if isinstance(row, EventType):
        event_type_service.delete(request.organization_id, row.name, request.actor)
    elif paging.flag_of(request, "expunge"):
        platform.delete(row.name, request.actor)
    else:
        schemas, group = row.schemas, row.group_name
        archived = PlatformFields(row.description, schemas, group, True, row.deprecated)
        platform.put(row.name, archived, request.actor)
    return Response(204)


def _put(request: Request, name: str, fields: EventTypeFields | PlatformFields) -> Response:
    row: Row
    if isinstance(fields, PlatformFields):
        row, is_new = platform.put(name, fields, request.actor)
    else:
        actor = request.actor
        row, is_new = event_type_service.put(request.organization_id, name, fields, actor)
    return Response(201 if is_new else 200, document(row))


def _of_path(request: Request) -> Row:
    """NotFound."""
    name = request.ids["event_type_name"]
    row: Row | None = None
    if len(name) <= 128:
        if request.organization_id:
            row = event_type_queries.get(request.organization_id, name)
        else:
            row = platform_queries.get(name)
    if row is None:
        raise NotFound("Entity not found.")
    return row


def _read(body: Body, request: Request, now: Document) -> EventTypeFields | PlatformFields:
    """now: the document that a PATCH changes."""
    body.refuse("Feature flags are not supported.", "featureFlag", "featureFlags")
    changed = Body({**now, **body.fields})
    description = changed.text("description")
    group, schemas = changed.text("groupName", longest=256), _schemas(changed)
    archived, deprecated = changed.flag("archived"), changed.flag("deprecated")
    if not now and not body.has("description"):
        changed.fault("description", "required", "The field is required.", "")
    body.errors += changed.errors
    if not request.organization_id:
        return PlatformFields(description, schemas, group or None, archived, deprecated)
    if group or archived or deprecated:
        raise not_supported(_OF_PLATFORM)
    return _own(description, schemas)


def _schemas(body: Body) -> dict[str, Any] | None:
    value = body.fields.get("schemas")
    if value is None:
        return None
    is_schemas = isinstance(value, dict) and all(isinstance(v, dict) for v in value.values())
    if not is_schemas:
        remedy = 'Send JSON Schemas by version, such as {"1": {"type": "object"}}.'
        raise invalid("schemas", "type", "Not an object of schemas.", remedy)
    schemas: dict[str, Any] = value
    return schemas


def _own(description: str, schemas: dict[str, Any] | None) -> EventTypeFields:
    """The schema of the highest version, and its first example as the sample."""
    schema = schema_of(schemas)
    fields = {
        "description": description,
        "schema": schema,
        "sample": sample_of(schema),
    }
    return parse_fields(msgspec.json.encode(fields))


def document(row: Row, *, with_content: bool = True) -> Document:
    if isinstance(row, PlatformEventType):
        schemas, more = row.schemas, row
    else:
        schemas, more = ({"1": row.schema} if row.schema is not None else None), None
    return {
        "name": row.name,
        "description": row.description,
        "archived": bool(more and more.archived),
        "deprecated": bool(more and more.deprecated),
        "groupName": more.group_name if more else None,
        "schemas": schemas if with_content else None,
        "featureFlag": None,
        "featureFlags": None,
        "createdAt": iso(row.created_at),
        "updatedAt": iso(more.updated_at if more else row.created_at),
    }
