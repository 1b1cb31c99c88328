"""The description for generators that read OpenAPI 3.0 only."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.api import ROUTES
from app.api.server.openapi import document
from app.api.server.openapi_3_0 import downgraded

# https://spec.openapis.org/oas/v3.0.3#schema-object
KEYWORDS = {
    *("title", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"),
    *("maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxProperties"),
    *("minProperties", "required", "enum", "type", "allOf", "oneOf", "anyOf", "not", "items"),
    *("properties", "additionalProperties", "description", "format", "default", "nullable"),
    *("discriminator", "readOnly", "writeOnly", "xml", "externalDocs", "example", "deprecated"),
}
TYPES = {"array", "boolean", "integer", "number", "object", "string"}


def schemas(node: Any, *, is_schema: bool = False) -> Iterator[dict[str, Any]]:
    """Every schema of a description."""
    if isinstance(node, list):
        for each in node:
            yield from schemas(each, is_schema=is_schema)
    if not isinstance(node, dict):
        return
    if is_schema:
        yield node
        for name in ("allOf", "anyOf", "oneOf", "items", "additionalProperties", "not"):
            yield from schemas(node.get(name), is_schema=True)
        yield from schemas(list(node.get("properties", {}).values()), is_schema=True)
        return
    for name, value in node.items():
        if name == "schemas":
            yield from schemas(list(value.values()), is_schema=True)
        else:
            yield from schemas(value, is_schema=name == "schema")


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return downgraded(document(ROUTES, "http://localhost"))


def test_every_schema_has_keywords_and_types_of_3_0_only(description: dict[str, Any]) -> None:
    described = list(schemas(description))
    assert len(described) > 100
    for schema in described:
        if "$ref" in schema:
            assert schema.keys() == {"$ref"}
            continue
        assert schema.keys() <= KEYWORDS, schema
        assert schema.get("type") in {None, *TYPES}, schema
        assert schema.get("type") != "array" or "items" in schema, schema


def test_the_same_operations_and_schemas_are_described(description: dict[str, Any]) -> None:
    newer = document(ROUTES, "http://localhost")
    assert description["openapi"] == "3.0.3"
    assert description["paths"].keys() == newer["paths"].keys()
    for path, operations in newer["paths"].items():
        assert description["paths"][path].keys() == operations.keys()
    assert description["components"].keys() == newer["components"].keys()
    assert description["components"]["schemas"].keys() == newer["components"]["schemas"].keys()


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": ["integer", "string"]}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        (
            {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}], "description": "D"},
            {"type": "string", "enum": ["a", None], "nullable": True, "description": "D"},
        ),
        (
            {"anyOf": [{"$ref": "#/x"}, {"type": "null"}]},
            {"allOf": [{"$ref": "#/x"}], "nullable": True},
        ),
        (
            {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
            {"anyOf": [{"type": "integer"}, {"type": "string"}], "nullable": True},
        ),
        ({"$ref": "#/x", "description": "D"}, {"allOf": [{"$ref": "#/x"}], "description": "D"}),
        (
            {"type": "number", "exclusiveMinimum": 0},
            {"type": "number", "minimum": 0, "exclusiveMinimum": True},
        ),
        ({"const": "a"}, {"enum": ["a"]}),
        ({"type": "string", "examples": ["a", "b"]}, {"type": "string", "example": "a"}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        # A field of this name is no keyword, and a default is data.
        (
            {"properties": {"examples": {"type": "array", "items": {"const": 1}}}},
            {"properties": {"examples": {"type": "array", "items": {"enum": [1]}}}},
        ),
        ({"default": {"type": ["string", "null"]}}, {"default": {"type": ["string", "null"]}}),
    ],
)
def test_a_schema_is_written_as_3_0_has_it(newer: Any, older: Any) -> None:
    converted = downgraded({"schema": newer})
    assert converted["schema"] == older


def test_it_is_served_by_version(sqlite_app: Any, client: FlaskClient) -> None:
    for query, version in (("", "3.1.0"), ("?version=3.1.0", "3.1.0"), ("?version=3.0.3", "3.0.3")):
        assert client.get(f"/api/v1/openapi.json{query}").json["openapi"] == version
    refused = client.get("/api/v1/openapi.json?version=2.0")
    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == "version"
