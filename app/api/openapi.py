"""/api/v1/openapi.json: the route table and the shapes, written down as OpenAPI 3.1."""

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from app import __version__
from app.api import problems
from app.api.credentials import ORGANIZATION_HEADER, PLATFORM
from app.api.parameters import Parameter
from app.api.route import NAMES, PREFIX, Answer, Call, Route

PATH = f"{PREFIX}/openapi.json"
_ID = re.compile(r"<(\w+)>")
_REF = "#/components/schemas/{name}"
_PROBLEM = "#/components/responses/Problem"
_RATE_LIMIT = {
    f"X-RateLimit-{name}": {"description": text, "schema": {"type": "integer"}}
    for name, text in (
        ("Limit", "Requests a second that this key may make."),
        ("Remaining", "Requests that it may make at once now."),
        ("Reset", "Seconds until it may make as many as Limit at once."),
    )
}
_HEADERS = {
    "Idempotency-Key": "As the field `id`: makes a repeat harmless. In a batch each event that has"
    " no `id` gets the key with its place behind it, such as `key:3`.",
    ORGANIZATION_HEADER: "With a platform key: the id of the organization that this is about.",
}


def document(routes: Sequence[Route], server: str) -> dict[str, Any]:
    """The whole description. server: the address that the paths follow."""
    types = _types(routes)
    _, components = msgspec.json.schema_components(types, ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = _ID.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Callboard",
            "version": __version__,
            "description": "Post an event; it is delivered to every webhook that wants it.",
        },
        "servers": [{"url": server}],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": paths,
        "components": {
            "schemas": components,
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


def _types(routes: Iterable[Route]) -> list[Any]:
    found: dict[str, Any] = {"Problem": problems.Problem}
    for route in routes:
        for shape in (route.body, *route.answers.values()):
            if shape is not None and shape is not dict:
                found[str(shape)] = shape
    return list(found.values())


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": _parameters(route),
        "responses": _responses(route),
    }
    if route.permission is None:
        operation["security"] = []
    else:
        operation["x-permission"] = route.permission
    if route.body is not None:
        schema = _schema(route.body)
        operation["requestBody"] = {
            "required": not route.body_optional,
            "content": {"application/json": {"schema": schema}},
        }
    return operation


def _operation_id(route: Route) -> str:
    words = [word for word in route.path.removeprefix(PREFIX).split("/") if word]
    named = [f"by-{word[1:-1]}" if word.startswith("<") else word for word in words]
    return re.sub(r"\W+", "-", "-".join([route.method.lower(), *named])).strip("-")


def _parameters(route: Route) -> list[dict[str, Any]]:
    identified = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"} | ({} if name in NAMES else {"format": "uuid"}),
        }
        for name in _ID.findall(route.path)
    ]
    asked = [_query(each) for each in route.query]
    headers = list(route.headers)
    if route.permission not in (None, PLATFORM) and "<organization_id>" not in route.path:
        headers.append(ORGANIZATION_HEADER)
    read = [
        {"name": h, "in": "header", "description": _HEADERS[h], "schema": {"type": "string"}}
        for h in headers
    ]
    return [*identified, *asked, *read]


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


def _responses(route: Route) -> dict[str, Any]:
    limits = {"headers": _RATE_LIMIT} if route.permission else {}
    answers: dict[str, Any] = {}
    for status, shape in route.answers.items():
        answers[str(status)] = {"description": HTTPStatus(status).phrase, **limits}
        if shape is not None:
            answers[str(status)]["content"] = {"application/json": {"schema": _schema(shape)}}
    for status in _errors(route):
        answers.setdefault(str(status), {"$ref": _PROBLEM})
    return answers


def _errors(route: Route) -> list[int]:
    """What any route of this kind may answer, and what this one says of itself."""
    errors = {405, 500, 503, *route.errors}
    if route.permission is not None:
        errors |= {401, 403, 422, 429}
        if route.permission != PLATFORM:
            errors |= {400, 404}
    if route.writes:
        errors |= {400, 413}
    if route.body is not None:
        errors |= {415}
    if "<" in route.path:
        errors |= {404}
    return sorted(errors)


def _problem() -> dict[str, Any]:
    content = {problems.CONTENT_TYPE: {"schema": _schema(problems.Problem)}}
    return {"description": "What went wrong (RFC 9457).", "content": content}


def _schema(shape: Any) -> dict[str, Any]:
    if shape is dict:
        return {"type": "object"}
    (schema,), _ = msgspec.json.schema_components([shape], ref_template=_REF)
    return schema


def route(routes: Sequence[Route], server: str) -> Route:
    """The route that serves the description of `routes` and of itself."""
    described: list[bytes] = []

    def show(_: Call) -> Answer:
        return Answer(200, described[0])

    own = Route("GET", PATH, show, "This description", "Description", {200: dict})
    described.append(msgspec.json.encode(document([*routes, own], server)))
    return own
