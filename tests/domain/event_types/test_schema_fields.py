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


class _Counted(dict[str, Any]):
    """Counts how often a name is looked up in it."""

    looked_up = 0

    def get(self, key: str, default: object = None) -> Any:
        _Counted.looked_up += 1
        return super().get(key, default)


@pytest.mark.parametrize("length", [490, 200_000])
def test_a_long_reference_is_followed_once_or_not_at_all(length: int) -> None:
    loop = _Counted({"type": "string"})
    loop["a"] = loop
    reference = "#" + "/a" * (length // 2)
    schema = {"a": loop, "properties": {str(n): {"$ref": reference} for n in range(200)}}
    _Counted.looked_up = 0
    assert len(fields_of(schema).rows) == 200
    # The rows themselves look up some names, each once.
    assert _Counted.looked_up < 200 * 20


def test_a_chain_of_references_is_followed_only_so_far() -> None:
    nodes = {str(n): {"$ref": f"#/n/{n + 1}"} for n in range(20)} | {"20": {"type": "string"}}
    schema = {"n": nodes, "properties": {"far": nodes["0"], "near": nodes["15"]}}
    assert [row.kind for row in fields_of(schema).rows] == ["any", "string"]


def test_a_reference_that_leads_into_a_value_leads_nowhere() -> None:
    schema = {"a": [1], "properties": {"x": {"$ref": "#/a/0/b"}, "y": {"$ref": "#/z/0/b"}}}
    assert [row.kind for row in fields_of(schema).rows] == ["any", "any"]
