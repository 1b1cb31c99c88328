"""What schemas can do to the process that uses them."""

import json
import subprocess
import sys
import time
from typing import Any

import pytest

from app.runtime.sandbox.schema_tasks import check_schemas, match_payloads

DRAFT_4 = "http://json-schema.org/draft-04/schema#"

# With what a check of an event says, as a schema may have been stored before it was refused.
UNUSABLE = [
    ({"$ref": "#/x", "x": {"type": "zzz"}}, "cannot be used: Unknown type 'zzz'"),
    ({"$ref": "#/foo", "foo": 5}, "cannot be used"),
    ({"$ref": "#/foo/bar", "foo": [1]}, "cannot be used"),
    ({"$schema": DRAFT_4, "$ref": 5}, "cannot be used"),
    ({"properties": {"n": {"$ref": "#/x"}}, "x": {"minimum": "a"}}, "cannot be used"),
    ({"$schema": ["a"]}, "cannot be used"),
    ({"properties": {"t": {"pattern": "a{99999999999}"}}}, "repetition number is too large"),
    ({"properties": {"t": {"pattern": "("}}}, "invalid regular expression"),
    ({"$ref": "#/nowhere"}, "cannot be resolved"),
    ({"$ref": "#"}, "nested too deeply"),
]
USABLE: list[dict[str, Any]] = [
    {"$ref": "#/$defs/a", "$defs": {"a": {"type": "object"}}},
    {"$ref": "#a", "$defs": {"a": {"$anchor": "a", "type": "object"}}},
    {"properties": {"$ref": {"type": "string"}, "next": {"$ref": "#"}}},
    {"properties": {"$ref": True}},
    {"$defs": {"a": {"$id": "urn:a", "$ref": "#/$defs/b", "$defs": {"b": {}}}}},
    {
        "$ref": "#/parts/a",
        "parts": {"a": {"properties": {"x": {"$ref": "#/parts/b"}}, "b": 1}, "b": {}},
    },
    {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$ref": "#/definitions/a",
        "definitions": {"a": {"$id": "#a", "items": {"$ref": "#/definitions/a"}}},
    },
    {"examples": [{"$ref": "#/nowhere"}]},
    {"$dynamicRef": "#node", "$defs": {"a": {"$dynamicAnchor": "node"}}},
    {"properties": {"m": {"$ref": "https://json-schema.org/draft/2020-12/schema"}}},
]


def checked(schema: object, value: object = None) -> Any:
    [step] = check_schemas(json.dumps([[schema, value]]).encode())
    return json.loads(step)["checked"][0]


def mismatches_with(schema: object) -> list[list[str]]:
    [step] = match_payloads([json.dumps(schema).encode()], [(0, b'{"n": 1, "t": "b"}')], 1.0)
    _, pairs = json.loads(step)
    return list(pairs)


@pytest.mark.parametrize(("schema", "problem"), UNUSABLE)
def test_an_event_cannot_be_checked_against_an_unusable_schema(
    schema: dict[str, Any], problem: str
) -> None:
    [[path, said]] = mismatches_with(schema)
    assert path == "$"
    assert said.startswith("not checked: ")
    assert problem in said


@pytest.mark.parametrize("schema", [schema for schema, _ in UNUSABLE[:6]])
def test_a_schema_that_refers_to_no_schema_is_refused_without_a_sample(
    schema: dict[str, Any],
) -> None:
    assert checked(schema)["schema"]


@pytest.mark.parametrize("schema", [schema for schema, _ in UNUSABLE[:9]])
def test_an_unusable_schema_has_a_fault_if_there_is_a_sample(schema: dict[str, Any]) -> None:
    assert checked(schema, {"n": 1, "t": "b"})["schema"]


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"$ref": "#/nowhere"}, "$"),
        ({"properties": {"a": {"items": {"$ref": "#/$defs/b"}}}}, "$.properties.a.items"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#b"}}}, "$.$defs.a"),
        ({"$ref": "#/own/a", "own": {"a": {"$ref": "#/own/b"}}}, "$.own.a"),
        # References of a part with an `$id` start from that part.
        ({"$defs": {"a": {"$id": "urn:a", "$ref": "#/$defs/b"}, "b": {}}}, "$.$defs.a"),
        ({"$ref": "https://json-schema.org/nothing"}, "$"),
        ({"$dynamicRef": "#node"}, "$"),
    ],
)
def test_a_reference_to_nothing_is_a_fault_before_any_event(
    schema: dict[str, Any], path: str
) -> None:
    [[faulty, problem]] = checked(schema)["schema"]
    assert faulty == path
    assert "refers to nothing in this schema" in problem


def test_following_references_takes_time_by_the_size_of_the_schema() -> None:
    def seconds(number: int) -> float:
        parts = {f"p{n}": {"$ref": f"#/$defs/p{n + 1}", "type": "object"} for n in range(number)}
        anchors = {f"a{n}": {"$anchor": f"a{n}", "$ref": f"#a{n + 1}"} for n in range(number)}
        ends = {f"p{number}": {}, f"a{number}": {"$anchor": f"a{number}"}}
        began = time.thread_time()
        assert checked({"$ref": "#/$defs/p0", "$defs": parts | anchors | ends})["schema"] == []
        return time.thread_time() - began

    # By its square it would be sixteen times as much.
    assert seconds(1_200) < 10 * seconds(300)


@pytest.mark.parametrize("schema", USABLE)
def test_references_to_parts_of_the_schema_are_followed(schema: dict[str, Any]) -> None:
    assert checked(schema, {"n": 1}) == {"schema": [], "value": []}
    assert mismatches_with(schema) == []


def test_the_first_check_has_nothing_left_to_import() -> None:
    program = (
        "import sys\n"
        "from app.runtime.sandbox.schema_tasks import match_payloads\n"
        "before = set(sys.modules)\n"
        "list(match_payloads([b'{\"type\": \"object\"}'], [(0, b'{}')], 1.0))\n"
        "print(sorted(set(sys.modules) - before))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
