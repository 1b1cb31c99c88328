"""Every API refuses a suspended organization, each in its own shape."""

from typing import Any

import pytest
from flask import Flask

from app.services.accounts import suspension
from app.services.accounts.actor import SYSTEM

WORDS = "This organization is suspended. Ask the operator of this server to resume it."
PROBLEM = {
    "type": "urn:callboard:problem:organization_suspended",
    "title": "Organization suspended",
    "status": 403,
    "detail": WORDS,
    "code": "organization_suspended",
    "errors": [],
}


@pytest.mark.parametrize(
    ("request_line", "document", "expected"),
    [
        ("GET /api/v1/deliveries", None, PROBLEM),
        ("POST /api/v1/events", {"type": "a.b", "payload": {}}, PROBLEM),
        ("GET /api/v1/{organization}/webhooks", None, {"detail": WORDS}),
        ("GET /webhooks.json", None, {"error": WORDS}),
        ("GET /v1/webhook", None, {"ec": 403, "msg": WORDS}),
        ("GET /api/webhooks", None, {"status": "fail", "message": WORDS}),
        (
            "POST /edit/v1/render",
            {"timeline": {}, "output": {}},
            {"success": False, "message": "Forbidden", "response": {"message": WORDS}},
        ),
    ],
)
def test_the_keys_of_a_suspended_organization_are_refused(
    sqlite_app: Flask, api_key: Any, request_line: str, document: Any, expected: dict[str, Any]
) -> None:
    organization_id, client = api_key.row.organization_id, sqlite_app.test_client()
    method, path = request_line.format(organization=organization_id).split()
    headers = {"Authorization": f"Bearer {api_key.key}"}

    def call() -> Any:
        return client.open(path, method=method, headers=headers, json=document)

    before = call()
    assert before.status_code != 403, before.text
    suspension.suspend(organization_id, SYSTEM)
    refused = call()
    assert refused.status_code == 403
    assert {**refused.json, **expected} == refused.json
    suspension.resume(organization_id, SYSTEM)
    assert call().status_code == before.status_code


def test_a_platform_key_is_refused_too(sqlite_app: Flask, organization: Any) -> None:
    from app.services.accounts import api_keys

    key = api_keys.create(None, "platform", actor=SYSTEM)
    client = sqlite_app.test_client()
    headers = {
        "Authorization": f"Bearer {key.key}",
        "Callboard-Organization": organization.id,
    }
    assert client.get("/api/v1/webhooks", headers=headers).status_code == 200
    suspension.suspend(organization.id, SYSTEM)
    refused = client.get("/api/v1/webhooks", headers=headers)
    assert (refused.status_code, refused.json["code"]) == (403, "organization_suspended")
    listed = client.get("/api/v1/organizations", headers=headers)
    assert listed.status_code == 200
