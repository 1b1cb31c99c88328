"""What the API's description becomes on its pages."""

import json
import re
import subprocess

import pytest

from app.api import ROUTES
from app.api.server.openapi import document
from app.web.reference.operations import matching, operations_of
from app.web.reference.samples import repr_of, samples_of

OPERATIONS = operations_of(document(ROUTES, "https://callboard.example"))
BY_ID = {operation.id: operation for operation in OPERATIONS}


def test_every_operation_is_described() -> None:
    assert len(BY_ID) == len(ROUTES)
    assert all(operation.replies for operation in OPERATIONS)


def test_a_body_is_a_table_of_fields_with_an_example_of_what_is_required() -> None:
    operation = BY_ID["createEvent"]
    assert operation.body is not None
    kinds = {row.path: (row.kind, row.is_required) for row in operation.body.rows}
    assert kinds["type"] == ("string", True)
    assert kinds["source"] == ("string or null", False)
    assert json.loads(operation.body_example) == {"type": "encoding.finished", "payload": {}}


def test_references_of_a_response_are_followed() -> None:
    [reply] = [reply for reply in BY_ID["getEvent"].replies if reply.status == "200"]
    assert reply.fields is not None
    assert {"payload", "deliveries[].state"} <= {row.path for row in reply.fields.rows}


def test_the_example_path_has_a_value_for_each_required_part() -> None:
    for operation in OPERATIONS:
        assert "{" not in operation.example_path, operation.id


def test_the_header_of_platform_keys_is_left_out() -> None:
    names = {parameter.name for operation in OPERATIONS for parameter in operation.parameters}
    assert "Idempotency-Key" in names
    assert "Callboard-Organization" not in names


@pytest.mark.parametrize(
    ("words", "operation"), [("resend delivery", "resendDelivery"), ("QUOTA", "getQuotas")]
)
def test_a_search_finds_operations_by_all_of_its_words(words: str, operation: str) -> None:
    assert operation in {each.id for each in matching(OPERATIONS, words)}
    assert matching(OPERATIONS, f"{words} nonsense") == []


def test_samples_have_the_syntax_of_their_language() -> None:
    for operation in OPERATIONS:
        curl, python, node = samples_of(operation, "https://callboard.example")
        compile(python.text, operation.id, "exec")
        assert python.text.count(operation.method) == 1
        assert operation.example_path in node.text
        assert re.match(r"curl( -X [A-Z]+)? 'https://callboard\.example/", curl.text)
    every = "\n".join(samples_of(operation, "http://x")[0].text for operation in OPERATIONS)
    subprocess.run(["bash", "-n"], input=every.encode(), check=True)


def test_json_becomes_an_expression_of_python() -> None:
    body = {"a": [True, None, "it's", 1.5], "b": {}, "c": {"d": []}}
    assert eval(repr_of(json.dumps(body))) == body
