"""A caller of the API, and what an answer of it must look like."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM

PREFIX = "/api/v1"


@dataclass
class Caller:
    """Sends requests under one credential and checks that each answer is as openapi.json says."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, method: str, path: str, document: Any = None, **more: Any) -> TestResponse:
        if document is not None:
            more |= {"data": json.dumps(document), "content_type": "application/json"}
        headers = self.headers | more.pop("headers", {})
        answer = self.client.open(PREFIX + path, method=method, headers=headers, **more)
        check_described(self.client, method, PREFIX + path, answer)
        return answer

    def made(self, path: str, document: Any) -> Any:
        """What a POST made; it must have been taken."""
        answer = self("POST", path, document)
        assert answer.status_code in (200, 201, 202), answer.text
        return answer.json


def check_described(client: FlaskClient, method: str, path: str, answer: TestResponse) -> None:
    """The answer's status and body are among those that the description has for this path."""
    if answer.status_code >= 400 and answer.content_type == "application/problem+json":
        schema = {"$ref": "#/components/schemas/Problem"}
        _validate(client, schema, answer.json)
    operation = _operation(_description(client), method.lower(), path.partition("?")[0])
    if operation is None:
        return
    described = operation["responses"]
    assert str(answer.status_code) in described, f"{method} {path}: {answer.text}"
    content = described[str(answer.status_code)].get("content", {})
    if "application/json" in content:
        _validate(client, content["application/json"]["schema"], answer.json)


def _description(client: FlaskClient) -> dict[str, Any]:
    kept = client.application.extensions
    if "tests.description" not in kept:
        kept["tests.description"] = client.get(PREFIX + "/openapi.json").json
    found: dict[str, Any] = kept["tests.description"]
    return found


def _operation(description: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    for template, operations in description["paths"].items():
        if _matches(template.split("/"), path.split("/")) and method in operations:
            found: dict[str, Any] = operations[method]
            return found
    return None


def _matches(template: list[str], path: list[str]) -> bool:
    return len(template) == len(path) and all(
        t in (p, "{event_type}") or (t.startswith("{") and len(p) == 36)
        for t, p in zip(template, path, strict=True)
    )


def _validate(client: FlaskClient, schema: dict[str, Any], document: Any) -> None:
    whole = schema | {"components": _description(client)["components"]}
    problems: Iterable[Any] = Draft202012Validator(whole).iter_errors(document)
    assert [f"{p.json_path}: {p.message}" for p in problems] == []


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == code
    assert answer.json["status"] == status
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    found: dict[str, Any] = answer.json
    return found


@pytest.fixture
def api(client: FlaskClient, api_key: Any) -> Caller:
    """With a key of `organization` that may do everything."""
    return Caller(client, {"Authorization": f"Bearer {api_key.key}"})


@pytest.fixture
def platform(client: FlaskClient, organization: Any) -> Caller:
    """With a platform key."""
    key = api_keys.create(None, "platform", actor=SYSTEM)
    return Caller(client, {"Authorization": f"Bearer {key.key}"})


@pytest.fixture
def stranger(client: FlaskClient, platform: Caller) -> Caller:
    """With a key of another organization that may do everything."""
    other = platform.made("/organizations", {"name": "Other"})
    key = platform.made(f"/organizations/{other['id']}/api-keys", {"name": "theirs"})
    return Caller(client, {"Authorization": f"Bearer {key['key']}"})
