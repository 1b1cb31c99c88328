import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from app.api import ROUTES
from app.api.schemas import requests, states
from app.domain.deliveries.states import CANCELLABLE, RESENDABLE, STATES
from app.domain.events.fields import FIELDS as EVENT_FIELDS
from app.domain.webhooks.settings.completion import FIELDS as WEBHOOK_FIELDS


@pytest.fixture
def app(sqlite_app: Flask) -> Flask:
    return sqlite_app


@pytest.fixture
def description(client: FlaskClient, app: Flask) -> Any:
    response = client.get("/api/v1/openapi.json")
    assert response.status_code == 200
    return response.json


def test_every_route_of_the_app_is_described(app: Flask, description: Any):
    # A dialect's paths are its vendor's, and described there.
    own = (rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api "))
    served = {rule.rule for rule in own} - {"/api/v1", "/api/v1/<last_rest:rest>"}
    served = {path for path in served if path.startswith("/api/v1/")}
    assert "/api/v1/events" in served
    described = set(description["paths"])
    assert {path.replace("<", "{").replace(">", "}") for path in served} <= described


def test_every_method_of_a_route_is_described(description: Any):
    for route in ROUTES:
        path = route.path.replace("<", "{").replace(">", "}")
        assert route.method.lower() in description["paths"][path]


def test_every_schema_is_valid(description: Any):
    for schema in description["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_reference_resolves(description: Any):
    def references(node: Any) -> Any:
        if isinstance(node, dict):
            for name, value in node.items():
                if name == "$ref":
                    yield value
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    for reference in set(references(description)):
        node = description
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


OPERATIONS = [route.operation for route in ROUTES]
VERBS = (
    *("acknowledge", "cancel", "create", "delete", "end", "export", "fetch", "get", "import"),
    *("list", "put", "recover", "remove", "reopen", "replace", "report", "resend", "resume"),
    *("revoke", "rotate", "send", "stop", "suspend", "test", "update"),
)
OPERATION = re.compile(f"(?:{'|'.join(VERBS)})(?:[A-Z][a-z]+)+")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_is_named_by_a_verb_and_a_noun(operation: str):
    assert OPERATION.fullmatch(operation)


def test_operation_ids_are_unique_and_those_of_the_declarations(description: Any):
    names = [op["operationId"] for ops in description["paths"].values() for op in ops.values()]
    assert len(names) == len(set(names))
    assert sorted(names) == sorted([*OPERATIONS, "getDescription"])


def test_reading_and_deleting_operations_say_so():
    prefixes = {
        "GET": ("get", "list", "export", "fetch"),
        "DELETE": ("delete", "remove", "revoke"),
        "PUT": ("put", "replace"),
        "PATCH": ("update",),
    }
    for route in ROUTES:
        if route.method in prefixes:
            assert route.operation.startswith(prefixes[route.method]), route.operation


def test_every_route_with_a_key_describes_its_errors(description: Any):
    for path, operations in description["paths"].items():
        for operation in operations.values():
            if operation.get("security") != []:
                refused = {"401", "403", "405", "422", "429", "500"}
                assert refused <= operation["responses"].keys(), path


def test_request_schemas_have_the_fields_of_the_rules():
    assert set(requests.WebhookInput.__struct_fields__) == {"uid", *WEBHOOK_FIELDS}
    assert set(requests.WebhookChange.__struct_fields__) == {"uid", *WEBHOOK_FIELDS}
    assert set(requests.EventInput.__struct_fields__) == set(EVENT_FIELDS)


def test_every_array_says_what_its_items_are(description: Any):
    """openapi-python-client leaves out whole operations otherwise."""

    def arrays(node: Any) -> Iterator[Any]:
        if isinstance(node, dict):
            if node.get("type") == "array":
                yield node
            node = list(node.values())
        for each in node if isinstance(node, list) else ():
            yield from arrays(each)

    described = list(arrays(description))
    assert len(described) > 50
    assert [each for each in described if "items" not in each] == []


def test_states_in_requests_are_those_of_the_rules():
    assert {each.value for each in states.ResendableState} == RESENDABLE
    assert {each.value for each in states.CancellableState} == CANCELLABLE
    assert {each.value for each in states.DeliveryState} == set(STATES)
