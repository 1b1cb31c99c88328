"""References of a schema that becomes a part of a document."""

from typing import Any

import pytest

from app.domain.event_types.schema_bundles import MAX_DEPTH, CannotBundle, moved

PLACE = "#/webhooks/a/schema"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"$ref": "#"}, {"$ref": PLACE}),
        ({"$ref": "#/$defs/x"}, {"$ref": f"{PLACE}/$defs/x"}),
        ({"$dynamicRef": "#/$defs/x"}, {"$dynamicRef": f"{PLACE}/$defs/x"}),
        ({"items": {"$ref": "#"}}, {"items": {"$ref": PLACE}}),
        ({"items": [{"$ref": "#"}, True]}, {"items": [{"$ref": PLACE}, True]}),
        ({"anyOf": [{"$ref": "#"}]}, {"anyOf": [{"$ref": PLACE}]}),
        ({"$defs": {"x": {"not": {"$ref": "#"}}}}, {"$defs": {"x": {"not": {"$ref": PLACE}}}}),
    ],
)
def test_a_reference_to_the_schema_leads_to_its_new_place(schema: Any, expected: Any) -> None:
    assert moved(schema, PLACE) == expected


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#name"},
        {"$ref": "https://json-schema.org/draft/2020-12/schema"},
        # Its references are relative to its identifier.
        {"$id": "urn:a", "$ref": "#/$defs/x"},
        {"properties": {"a": {"$id": "urn:a", "$ref": "#"}}},
        # A property of this name, and data.
        {"properties": {"$ref": {"type": "string"}}},
        {"const": {"$ref": "#"}, "enum": [{"$ref": "#"}], "default": {"$ref": "#"}},
    ],
)
def test_everything_else_stays_as_it_is(schema: Any) -> None:
    assert moved(schema, PLACE) == schema


def test_a_schema_that_is_nested_too_deep_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(MAX_DEPTH + 1):
        schema = {"not": schema}
    with pytest.raises(CannotBundle):
        moved(schema, PLACE)
