"""/api/v1/openapi.json: the route table and the schemas as OpenAPI 3.1, or 3.0."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

import msgspec

from app import __version__
from app.api.common import problems
from app.api.common.routes import PREFIX, TEXT_IDS, ApiRoute
from app.api.server import openapi_webhooks as system_events
from app.api.server.openapi_3_0 import VERSION as OLDER
from app.api.server.openapi_3_0 import downgraded
from app.domain.event_types import callbacks
from app.http.bodies import JsonBody
from app.http.credentials import ORGANIZATION_HEADER, PLATFORM
from app.http.messages import Request, Response
from app.http.parameters import Parameter, choices

PATH = f"{PREFIX}/openapi.json"
NEWER = "3.1.0"
VERSIONS = choices(
    "version",
    [NEWER, OLDER],
    f"Of OpenAPI; {OLDER} is for generators that don't read 3.1.",
    (NEWER,),
    many=False,
)
_ID = re.compile(r"<(\w+)>")
_REF = "#/components/schemas/{name}"
_PROBLEM = "#/components/responses/Problem"
_RATE_LIMIT = {
    f"X-RateLimit-{name}": {"description": text, "schema": {"type": "integer"}}
    for name, text in (
        ("Limit", "Requests per second that this key may send."),
        ("Remaining", "Requests that it may send right now."),
        ("Reset", "Seconds until Remaining equals Limit again."),
    )
}
_UID = {"webhook_id": {"description": "The webhook's ID, or its `uid`."}}
_KEY = "Idempotency-Key"
_HEADERS = {
    _KEY: "A repeat within 24 hours gets the same response; another body gets 409.",
    ORGANIZATION_HEADER: "With a platform key: the ID of the organization.",
}
_EVENT_HEADERS = _HEADERS | {
    _KEY: "Same as the field `id`: a repeated request creates nothing new. In a batch"
    " each event without an `id` gets the key and its index, such as `key:3`.",
}


def document(routes: Sequence[ApiRoute], server: str) -> dict[str, Any]:
    """server: the base URL of the paths."""
    types = _types(routes)
    _, components = msgspec.json.schema_components(types, ref_template=_REF)
    for component in components.values():
        if "enum" in component:
            component.setdefault("type", "string")
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = _ID.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": NEWER,
        "info": {
            "title": "Callboard",
            "version": __version__,
            "description": "Post an event; it is delivered to every matching webhook.",
        },
        "servers": [{"url": server}],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": paths,
        "webhooks": system_events.webhooks(_schema),
        "components": {
            "schemas": components,
            "parameters": callbacks.parameters(),
            "responses": {"Problem": _problem()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "An API key."},
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "An API key's id and secret.",
                },
            },
        },
    }


def _types(routes: Iterable[ApiRoute]) -> list[Any]:
    types: dict[str, Any] = {"Problem": problems.Problem}
    for route in routes:
        body = route.body.schema if isinstance(route.body, JsonBody) else None
        for type_ in (body, *route.responses.values()):
            if type_ is not None and type_ is not dict:
                types[str(type_)] = type_
    return [*types.values(), *system_events.TYPES]


def _operation(route: ApiRoute) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.operation,
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": _parameters(route),
        "responses": _responses(route),
    }
    if route.permission is None:
        operation["security"] = []
    else:
        operation["x-permission"] = route.permission
    if isinstance(route.body, JsonBody):
        operation["requestBody"] = {
            "required": not route.body.optional,
            "content": {"application/json": {"schema": _schema(route.body.schema)}},
        }
    return operation


def _parameters(route: ApiRoute) -> list[dict[str, Any]]:
    in_path = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _id_schema(name),
            **_UID.get(name, {}),
        }
        for name in _ID.findall(route.path)
    ]
    in_query = [_query(parameter) for parameter in route.query]
    headers = list(route.request_headers)
    if route.permission not in (None, PLATFORM) and "<organization_id>" not in route.path:
        headers.append(ORGANIZATION_HEADER)
    described = _EVENT_HEADERS if route.tag == "Events" else _HEADERS
    in_headers = [
        {"name": h, "in": "header", "description": described[h], "schema": {"type": "string"}}
        for h in headers
    ]
    return [*in_path, *in_query, *in_headers]


def _id_schema(name: str) -> dict[str, Any]:
    if name == "number":
        return {"type": "integer", "minimum": 1}
    return {"type": "string"} | ({} if name in TEXT_IDS else {"format": "uuid"})


def _query(parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "schema": parameter.schema,
    }
    if parameter.schema.get("type") == "array":
        described |= {"style": "form", "explode": False}
    return described


def _responses(route: ApiRoute) -> dict[str, Any]:
    limits = {"headers": _RATE_LIMIT} if route.permission else {}
    responses: dict[str, Any] = {}
    for status, schema in route.responses.items():
        responses[str(status)] = {"description": HTTPStatus(status).phrase, **limits}
        if schema is not None:
            responses[str(status)]["content"] = {route.media_type: {"schema": _schema(schema)}}
    for status in _errors(route):
        responses.setdefault(str(status), {"$ref": _PROBLEM})
    return responses


def _errors(route: ApiRoute) -> list[int]:
    """Statuses that every route of this kind may return, and the route's own."""
    errors = {405, 500, 503, *route.errors}
    if route.permission is not None:
        errors |= {401, 403, 422, 429}
        if route.permission != PLATFORM:
            errors |= {400, 404}
    if route.writes:
        errors |= {400, 413}
    if isinstance(route.body, JsonBody):
        errors |= {415}
    if "<" in route.path:
        errors |= {404}
    return sorted(errors)


def _problem() -> dict[str, Any]:
    content = {problems.CONTENT_TYPE: {"schema": _schema(problems.Problem)}}
    return {"description": "An error (RFC 9457).", "content": content}


def _schema(type_: Any) -> dict[str, Any]:
    if type_ is dict:
        return {"type": "object"}
    (schema,), _ = msgspec.json.schema_components([type_], ref_template=_REF)
    return schema


def route(routes: Sequence[ApiRoute], server: str) -> ApiRoute:
    """The route that serves the description of `routes` and of itself. The description is made when
    it is first asked for: it takes longer than starting everything else."""

    @cache
    def encoded(version: str) -> bytes:
        description = document([*routes, own], server)
        return msgspec.json.encode(downgraded(description) if version == OLDER else description)

    def show(request: Request) -> Response:
        return Response(200, encoded(*request.query["version"]))

    own = ApiRoute(
        "GET",
        PATH,
        show,
        operation="getDescription",
        summary="Get this description",
        tag="Description",
        responses={200: dict},
        query=(VERSIONS,),
    )
    return own
