"""The fields of a schema as rows."""

from typing import Any

import pytest

from app.domain.event_types import schema_fields
from app.domain.event_types.schema_fields import fields_of

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["media_id"],
    "properties": {
        "media_id": {"type": "string", "description": "The media.", "examples": ["m-1"]},
        "state": {"enum": ["ok", "failed"]},
        "size": {"type": ["integer", "null"]},
        "outputs": {"type": "array", "items": {"$ref": "#/$defs/output"}},
        "version": {"const": 2},
        "other": {"oneOf": [{"type": "string"}, {"type": "number"}]},
        "odd": True,
    },
    "$defs": {"output": {"properties": {"url": {"type": "string", "format": "uri"}}}},
}
SAMPLE = {"state": "ok", "size": 7, "outputs": [{"url": "https://example.com/1.mp4"}]}


def test_each_field_has_a_row() -> None:
    fields = fields_of(SCHEMA, SAMPLE)
    rows = [(row.path, row.kind, row.is_required, row.example) for row in fields.rows]
    assert rows == [
        ("media_id", "string", True, '"m-1"'),
        ("state", 'one of "ok", "failed"', False, '"ok"'),
        ("size", "integer or null", False, "7"),
        ("outputs", "array", False, ""),
        ("outputs[].url", "string (uri)", False, '"https://example.com/1.mp4"'),
        ("version", "always 2", False, "2"),
        ("other", "several types", False, ""),
        ("odd", "any", False, ""),
    ]
    assert fields.rows[0].description == "The media."
    assert not fields.is_cut


def test_a_schema_that_refers_to_itself_ends() -> None:
    schema = {"$ref": "#", "properties": {"child": {"$ref": "#/$defs/n"}}, "$defs": {}}
    assert fields_of(schema).rows == []
    node = {"properties": {"child": {"$ref": "#"}}}
    fields = fields_of(node)
    assert len(fields.rows) == schema_fields.MAX_DEPTH
    assert fields.is_cut


def test_a_wide_schema_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_fields, "MAX_FIELDS", 3)
    fields = fields_of({"properties": {str(n): {"type": "string"} for n in range(4)}})
    assert (len(fields.rows), fields.is_cut) == (3, True)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"properties": []},
        {"properties": {"a": {"$ref": 3, "type": 7, "enum": {}, "format": []}}},
        {"properties": {"a": {"type": [1, None], "items": [], "examples": "x", "required": 3}}},
        {"properties": {"a": {"enum": [float("inf"), "x" * 1_000]}}},
        {"required": "a", "properties": {"a": {"$ref": "https://example.com/schema"}}},
    ],
)
def test_odd_schemas_break_nothing(schema: dict[str, Any]) -> None:
    for row in fields_of(schema).rows:
        assert len(row.kind) <= 300
