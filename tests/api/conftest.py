"""A client of the API that checks each response against openapi.json."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from app.runtime.context import runtime_of
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM

PREFIX = "/api/v1"


@dataclass
class Caller:
    """Sends requests with the same credentials, and checks responses against openapi.json."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, method: str, path: str, document: Any = None, **more: Any) -> TestResponse:
        if document is not None:
            more |= {"data": json.dumps(document), "content_type": "application/json"}
        headers = self.headers | more.pop("headers", {})
        response = self.client.open(PREFIX + path, method=method, headers=headers, **more)
        check_described(self.client, method, PREFIX + path, response)
        return response

    def post(self, path: str, document: Any) -> Any:
        """The document in the response to a POST, which must succeed."""
        response = self("POST", path, document)
        assert response.status_code in (200, 201, 202), response.text
        return response.json


class Description:
    """openapi.json, with a validator for each of its schemas that is asked for."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.paths: dict[str, Any] = document["paths"]
        self._components = closed(document["components"])
        self._validators: dict[str, Draft202012Validator] = {}

    def check(self, schema: dict[str, Any], document: Any) -> None:
        name = json.dumps(schema, sort_keys=True)
        if name not in self._validators:
            whole = schema | {"components": self._components}
            self._validators[name] = Draft202012Validator(whole)
        problems: Iterable[Any] = self._validators[name].iter_errors(document)
        assert [f"{p.json_path}: {p.message}" for p in problems] == []


def closed(node: Any) -> Any:
    """The same, but objects have only the described fields: a response must not have others, though
    the description lets clients expect them."""
    if isinstance(node, list):
        return [closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    inner = {name: closed(value) for name, value in node.items()}
    if isinstance(node.get("properties"), dict) and node.get("type") == "object":
        inner.setdefault("additionalProperties", False)
    return inner


_DESCRIPTIONS: dict[str, Description] = {}


def check_described(client: FlaskClient, method: str, path: str, response: TestResponse) -> None:
    """Check that the description has the response's status and body for this path."""
    description = _description(client)
    if response.status_code >= 400 and response.content_type == "application/problem+json":
        description.check({"$ref": "#/components/schemas/Problem"}, response.json)
    operation = _operation(description, method.lower(), path.partition("?")[0])
    if operation is None:
        return
    described = operation["responses"]
    assert str(response.status_code) in described, f"{method} {path}: {response.text}"
    content = described[str(response.status_code)].get("content", {})
    if "application/json" in content:
        description.check(content["application/json"]["schema"], response.json)


def _description(client: FlaskClient) -> Description:
    # It only depends on the code and on this setting.
    public_url = runtime_of(client.application).settings.public_url
    if public_url not in _DESCRIPTIONS:
        document: Any = client.get(PREFIX + "/openapi.json").json
        _DESCRIPTIONS[public_url] = Description(document)
    return _DESCRIPTIONS[public_url]


def _operation(description: Description, method: str, path: str) -> dict[str, Any] | None:
    for template, operations in description.paths.items():
        if _matches(template.split("/"), path.split("/")) and method in operations:
            operation: dict[str, Any] = operations[method]
            return operation
    return None


def _matches(template: list[str], path: list[str]) -> bool:
    return len(template) == len(path) and all(
        t in (p, "{event_type}", "{number}") or (t.startswith("{") and len(p) == 36)
        for t, p in zip(template, path, strict=True)
    )


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    assert response.json["code"] == code
    assert response.json["status"] == status
    assert response.json["request_id"] == response.headers["X-Request-Id"]
    document: dict[str, Any] = response.json
    return document


@pytest.fixture
def api(client: FlaskClient, api_key: Any) -> Caller:
    """With a key of `organization` that has every scope."""
    return Caller(client, {"Authorization": f"Bearer {api_key.key}"})


@pytest.fixture
def platform(client: FlaskClient, organization: Any) -> Caller:
    """With a platform key."""
    key = api_keys.create(None, "platform", actor=SYSTEM)
    return Caller(client, {"Authorization": f"Bearer {key.key}"})


@pytest.fixture
def stranger(client: FlaskClient, platform: Caller) -> Caller:
    """With a key of another organization that has every scope."""
    other = platform.post("/organizations", {"name": "Other"})
    key = platform.post(f"/organizations/{other['id']}/api-keys", {"name": "theirs"})
    return Caller(client, {"Authorization": f"Bearer {key['key']}"})
