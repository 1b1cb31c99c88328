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


def document(version: str = "3.1.0", section: str = "webhooks", **webhooks: Any) -> dict[str, Any]:
    return {
        "openapi": version,
        section: {name.replace("__", "."): item for name, item in webhooks.items()},
        "components": {"schemas": {"Media": MEDIA}},
    }


def posted(schema: Any, **media: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema, **media}}
    return {"post": {"summary": "A file is encoded.", "requestBody": {"content": content}}}


@pytest.mark.parametrize(("version", "section"), [("3.1.0", "webhooks"), ("3.0.3", "x-webhooks")])
def test_a_webhook_becomes_an_event_type(version: str, section: str) -> None:
    item = posted({"$ref": "#/components/schemas/Media"})
    [described_type] = described(document(version, section, encoding__finished=item))
    assert (described_type.name, described_type.problem) == ("encoding.finished", None)
    assert described_type.description == "A file is encoded."
    assert described_type.schema is not None
    assert described_type.schema["$ref"] == "#/$defs/Media"


def test_a_recursive_schema_is_self_contained() -> None:
    [described_type] = described(document(a=posted({"$ref": "#/components/schemas/Media"})))
    assert described_type.schema is not None
    validator = Draft202012Validator(described_type.schema)
    assert validator.is_valid({"media_id": "1", "parent": {"media_id": "2"}})
    assert not validator.is_valid({"media_id": "1", "parent": {}})


def test_keywords_of_openapi_3_0_become_json_schema() -> None:
    [described_type] = described(document("3.0.0", a=posted(MEDIA)))
    assert described_type.schema is not None
    assert described_type.schema["properties"]["size"] == {
        "type": ["integer", "null"],
        "exclusiveMinimum": 0,
    }


def test_a_property_may_have_the_name_of_a_keyword() -> None:
    schema = {"properties": {"$ref": {"type": "string"}, "items": {"type": "null"}}}
    [described_type] = described(document(a=posted(schema)))
    assert described_type.schema == schema


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
    [described_type] = described(document(a=item))
    assert described_type.sample == {"n": 1}


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
    [described_type] = described(document(a=posted(schema)))
    assert described_type.sample == {
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
    recursive = document(a=posted({"$ref": "#/components/schemas/B"}))
    recursive["components"]["schemas"]["B"] = both
    [described_type] = described(recursive)
    assert 0 < len(repr(described_type.sample)) < 20_000


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
    [described_type] = described(document(**{"new order!": posted({})}))
    assert "is not a valid event type name" in (described_type.problem or "")


@pytest.mark.parametrize(
    "invalid",
    [
        [],
        {"swagger": "2.0", "webhooks": {"a": {}}},
        {"openapi": "3.1.0", "paths": {}},
        {"openapi": "3.1.0", "webhooks": []},
        {"openapi": "3.1.0", "webhooks": {str(n): {} for n in range(MAX_WEBHOOKS + 1)}},
    ],
)
def test_a_document_without_webhooks_is_rejected(invalid: Any) -> None:
    with pytest.raises(Invalid):
        described(invalid)
