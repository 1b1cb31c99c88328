"""/api/v1/openapi.json: the route table and the schemas as OpenAPI 3.1, or 3.0."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

import msgspec

from app import __version__
from app.api.common import problems
from app.api.common.routes import PREFIX, ApiRoute
from app.api.server import openapi_webhooks as system_events
from app.api.server.openapi_3_0 import VERSION as OLDER
from app.api.server.openapi_3_0 import downgraded
from app.api.server.openapi_parts import parameters_of, say_any_fields
from app.domain.event_types import callbacks
from app.http.bodies import JsonBody
from app.http.credentials import PLATFORM
from app.http.messages import Request, Response
from app.http.parameters import choices

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
_SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key."},
    "basic": {"type": "http", "scheme": "basic", "description": "An API key's id and secret."},
}
_RATE_LIMIT = {
    f"X-RateLimit-{name}": {"description": text, "schema": {"type": "integer"}}
    for name, text in (
        ("Limit", "Requests per second that this key may send."),
        ("Remaining", "Requests that it may send right now."),
        ("Reset", "Seconds until Remaining equals Limit again."),
    )
}


def document(routes: Sequence[ApiRoute], server: str) -> dict[str, Any]:
    """server: the base URL of the paths."""
    types = _types(routes)
    _, components = msgspec.json.schema_components(types, ref_template=_REF)
    _finish(components, _request_types(routes))
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
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


def _finish(components: dict[str, Any], of_requests: set[str]) -> None:
    for name, component in components.items():
        if "enum" in component:
            component.setdefault("type", "string")
        # Responses may gain fields at any time.
        if name not in of_requests and component.get("additionalProperties") is False:
            del component["additionalProperties"]
    say_any_fields(components)


def _types(routes: Iterable[ApiRoute]) -> list[Any]:
    types: dict[str, Any] = {"Problem": problems.Problem}
    for route in routes:
        body = route.body.schema if isinstance(route.body, JsonBody) else None
        for type_ in (body, *route.responses.values()):
            if type_ is not None and type_ is not dict:
                types[str(type_)] = type_
    return [*types.values(), *system_events.TYPES]


def _request_types(routes: Iterable[ApiRoute]) -> set[str]:
    """The names of all components that requests consist of."""
    bodies = [route.body.schema for route in routes if isinstance(route.body, JsonBody)]
    _, components = msgspec.json.schema_components([b for b in bodies if b], ref_template=_REF)
    return set(components)


def _operation(route: ApiRoute) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.operation,
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": parameters_of(route),
        "responses": _responses(route),
    }
    if route.deprecation is not None:
        operation |= {"deprecated": True, "description": route.deprecation.sentence}
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


def _responses(route: ApiRoute) -> dict[str, Any]:
    limits = {"headers": _RATE_LIMIT} if route.permission else {}
    responses: dict[str, Any] = {}
    for status, schema in route.responses.items():
        responses[str(status)] = {"description": HTTPStatus(status).phrase, **limits}
        if schema is not None:
            content = {"schema": _schema(schema)}
            responses[str(status)]["content"] = dict.fromkeys(route.media_types, content)
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
        return {"type": "object", "additionalProperties": True}
    (schema,), _ = msgspec.json.schema_components([type_], ref_template=_REF)
    say_any_fields(schema)
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
