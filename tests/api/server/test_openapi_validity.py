"""The documents hold against the OpenAPI standard, by another hand."""

import json
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from app.api import ROUTES
from app.api.server.openapi import document
from app.api.server.openapi_3_0 import downgraded
from tests.api.conftest import Caller

RECURSIVE = {
    "type": "object",
    "properties": {"parent": {"$ref": "#"}, "size": {"$ref": "#/$defs/size"}},
    "$defs": {"size": {"type": ["integer", "null"], "minimum": 0}},
}


def problems(validator: Any, described: Any) -> list[str]:
    return [
        f"{list(error.path)}: {error.message}"[:500] for error in validator(described).iter_errors()
    ]


def served() -> Any:
    return msgspec.json.decode(msgspec.json.encode(document(ROUTES, "http://localhost")))


def test_the_description_is_valid_openapi_3_1() -> None:
    assert problems(OpenAPIV31SpecValidator, served()) == []


def test_the_older_description_is_valid_openapi_3_0() -> None:
    assert problems(OpenAPIV30SpecValidator, downgraded(served())) == []


@pytest.mark.parametrize("body", ["payload", "standard"])
def test_an_exported_catalogue_is_valid_openapi_3_1(
    sqlite_app: Any, api: Caller, body: str
) -> None:
    assert problems(OpenAPIV31SpecValidator, api("GET", "/event-types.openapi.json").json) == []
    fields = {"description": "A file.", "schema": RECURSIVE, "sample": {"size": 1, "parent": {}}}
    for name, document_ in (("file.sized", fields), ("a-b_C", {}), ("encoding.finished", {})):
        assert api("PUT", f"/event-types/{name}", document_).status_code == 201
    exported = json.loads(api("GET", f"/event-types.openapi.json?body={body}").data)
    assert exported["webhooks"].keys() == {"file.sized", "a-b_C", "encoding.finished"}
    assert problems(OpenAPIV31SpecValidator, exported) == []
