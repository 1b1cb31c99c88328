from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.domain.common.errors import Invalid
from app.domain.event_types.openapi import MAX_WEBHOOKS, described

MEDIA = {
    "type": "object",
    "required": ["media_id"],
    "properties": {
        "media_id": {"type": "string", "format": "uuid"},
        "parent": {"$ref": "#/components/schemas/Media"},
        "size": {"type": "integer", "nullable": True, "minimum": 0, "exclusiveMinimum": True},
    },
}


def document(version: str = "3.1.0", place: str = "webhooks", **webhooks: Any) -> dict[str, Any]:
    return {
        "openapi": version,
        place: {name.replace("__", "."): item for name, item in webhooks.items()},
        "components": {"schemas": {"Media": MEDIA}},
    }


def posted(schema: Any, **media: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema, **media}}
    return {"post": {"summary": "A file is encoded.", "requestBody": {"content": content}}}


@pytest.mark.parametrize(("version", "place"), [("3.1.0", "webhooks"), ("3.0.3", "x-webhooks")])
def test_a_webhook_becomes_an_event_type(version: str, place: str) -> None:
    item = posted({"$ref": "#/components/schemas/Media"})
    [found] = described(document(version, place, encoding__finished=item))
    assert (found.name, found.problem) == ("encoding.finished", None)
    assert found.description == "A file is encoded."
    assert found.schema is not None
    assert found.schema["$ref"] == "#/$defs/Media"


def test_a_recursive_schema_is_self_contained() -> None:
    [found] = described(document(a=posted({"$ref": "#/components/schemas/Media"})))
    assert found.schema is not None
    validator = Draft202012Validator(found.schema)
    assert validator.is_valid({"media_id": "1", "parent": {"media_id": "2"}})
    assert not validator.is_valid({"media_id": "1", "parent": {}})


def test_keywords_of_openapi_3_0_become_json_schema() -> None:
    [found] = described(document("3.0.0", a=posted(MEDIA)))
    assert found.schema is not None
    assert found.schema["properties"]["size"] == {
        "type": ["integer", "null"],
        "exclusiveMinimum": 0,
    }


def test_a_property_may_have_the_name_of_a_keyword() -> None:
    schema = {"properties": {"$ref": {"type": "string"}, "items": {"type": "null"}}}
    [found] = described(document(a=posted(schema)))
    assert found.schema == schema


@pytest.mark.parametrize(
    "media",
    [
        {"example": {"n": 1}},
        {"examples": {"first": {"value": {"n": 1}}}},
        {"schema": {"example": {"n": 1}}},
        {"schema": {"examples": [{"n": 1}]}},
    ],
)
def test_the_example_of_the_document_becomes_the_sample(media: dict[str, Any]) -> None:
    item = posted({"type": "object"})
    item["post"]["requestBody"]["content"]["application/json"] |= media
    [found] = described(document(a=item))
    assert found.sample == {"n": 1}


def test_without_an_example_the_sample_is_generated_from_the_schema() -> None:
    schema = {
        "allOf": [
            {"properties": {"id": {"type": "string"}, "at": {"format": "date", "type": "string"}}},
            {
                "properties": {
                    "state": {"enum": ["done", "failed"]},
                    "n": {"minimum": 3, "type": "integer"},
                }
            },
        ],
        "properties": {
            "tags": {"type": "array", "items": {"const": "x"}},
            "ok": {"type": "boolean"},
        },
    }
    [found] = described(document(a=posted(schema)))
    assert found.sample == {
        "id": "text",
        "at": "2026-02-24",
        "state": "done",
        "n": 3,
        "tags": ["x"],
        "ok": True,
    }


def test_an_endlessly_growing_schema_gives_a_small_sample() -> None:
    both = {
        "type": "object",
        "properties": {n: {"$ref": "#/components/schemas/B"} for n in "abcdef"},
    }
    given = document(a=posted({"$ref": "#/components/schemas/B"}))
    given["components"]["schemas"]["B"] = both
    [found] = described(given)
    assert 0 < len(repr(found.sample)) < 20_000


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        (posted({"$ref": "https://example.com/a.json"}), "outside the document"),
        (posted({"$ref": "#/components/schemas/None"}), "which does not exist"),
        (posted("text"), "not an object"),
        ({"parameters": []}, "no request"),
        ({"$ref": "#/webhooks/a"}, "refers to itself"),
        (None, "no request"),
    ],
)
def test_an_invalid_entry_is_reported_and_the_others_are_imported(item: Any, problem: str) -> None:
    bad, good = described(document(a=item, b=posted({"type": "object"})))
    assert problem in (bad.problem or "")
    assert good.problem is None


def test_an_invalid_name_is_reported() -> None:
    [found] = described(document(**{"new order!": posted({})}))
    assert "is not a valid event type name" in (found.problem or "")


@pytest.mark.parametrize(
    "given",
    [
        [],
        {"swagger": "2.0", "webhooks": {"a": {}}},
        {"openapi": "3.1.0", "paths": {}},
        {"openapi": "3.1.0", "webhooks": []},
        {"openapi": "3.1.0", "webhooks": {str(n): {} for n in range(MAX_WEBHOOKS + 1)}},
    ],
)
def test_a_document_without_webhooks_is_rejected(given: Any) -> None:
    with pytest.raises(Invalid):
        described(given)
