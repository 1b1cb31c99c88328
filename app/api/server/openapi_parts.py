"""Parts of the description: an operation's parameters, and objects with any fields."""

import re
from typing import Any

from app.api.common.routes import TEXT_IDS, ApiRoute
from app.api.schemas.texts import PRODUCER_ID_PATTERN
from app.http.credentials import ORGANIZATION_HEADER, PLATFORM
from app.http.parameters import Parameter

_ID = re.compile(r"<(\w+)>")
_OF_OBJECTS = frozenset({"properties", "additionalProperties", "allOf", "anyOf", "oneOf"})
# Their values are data, not schemas.
_DATA = frozenset({"default", "enum", "example", "examples"})
_UID = {"webhook_id": {"description": "The webhook's ID, or its `uid`."}}
_KEY = "Idempotency-Key"
_HEADERS = {
    _KEY: "A repeat within 24 hours gets the same response; another body gets 409.",
    ORGANIZATION_HEADER: "With a platform key: the ID of the organization.",
}
# In a batch the key leaves room for the index: 120 characters.
_HEADER_SCHEMAS = {
    _KEY: {"type": "string", "pattern": PRODUCER_ID_PATTERN},
    ORGANIZATION_HEADER: {"type": "string", "format": "uuid"},
}
_EVENT_HEADERS = _HEADERS | {
    _KEY: "Same as the field `id`: a repeated request creates nothing new. In a batch"
    " each event without an `id` gets the key and its index, such as `key:3`.",
}


def parameters_of(route: ApiRoute) -> list[dict[str, Any]]:
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
        {"name": h, "in": "header", "description": described[h], "schema": _HEADER_SCHEMAS[h]}
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
    if parameter.is_required:
        described["required"] = True
    if parameter.schema.get("type") == "array":
        described |= {"style": "form", "explode": False}
    return described


def say_any_fields(node: Any) -> None:
    """Objects without described fields have any: `openapi-typescript` takes them for empty ones
    otherwise."""
    if isinstance(node, dict):
        is_bare = node.get("type") == "object" and not _OF_OBJECTS & node.keys()
        if is_bare:
            node["additionalProperties"] = True
    children = node.items() if isinstance(node, dict) else enumerate(node)
    for name, child in children:
        if name not in _DATA and isinstance(child, dict | list):
            say_any_fields(child)
