"""Test inboxes and what they received, over the API."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from app.models import AuditEntry
from app.models.common.base import db
from tests.api.conftest import Caller, problem

pytestmark = pytest.mark.usefixtures("sqlite_app")
PATH = "/test-inboxes"


@pytest.fixture
def inbox(api: Caller) -> Any:
    return api.post(PATH, {"name": "First steps"})


def receive(client: FlaskClient, inbox: Any, body: bytes = b"x", **headers: str) -> int:
    return client.post(urlsplit(inbox["url"]).path, data=body, headers=headers).status_code


def test_an_inbox_is_created_with_defaults_and_listed(api: Caller):
    assert api("POST", PATH).status_code == 201
    second = api.post(PATH, {"name": "Slow", "status": 202, "delay_seconds": 0.5})
    assert (second["status"], second["delay_seconds"], second["failure_percent"]) == (202, 0.5, 0)
    listed = api("GET", PATH).json["data"]
    assert [each["name"] for each in listed] == ["Slow", "Test inbox"]
    assert api("GET", f"{PATH}/{second['id']}").json == second


def test_its_url_responds_as_it_is_told(api: Caller, client: FlaskClient, inbox: Any):
    assert receive(client, inbox) == 200
    changed = api("PATCH", f"{PATH}/{inbox['id']}", {"status": 503}).json
    assert (changed["status"], changed["name"]) == (503, "First steps")
    assert receive(client, inbox) == 503
    assert api("GET", f"{PATH}/{inbox['id']}").json["received"] == 2


def test_received_requests_are_listed_in_pages_and_shown(
    api: Caller, client: FlaskClient, inbox: Any
):
    for body in (b'{"n": 1}', b"\xff\xfe", b"three"):
        receive(client, inbox, body, **{"X-Team": "video"})
    path = f"{PATH}/{inbox['id']}/requests"
    page = api("GET", f"{path}?limit=2").json
    rest = api("GET", f"{path}?limit=2&cursor={page['next_cursor']}").json
    rows = [*page["data"], *rest["data"]]
    assert [row["bytes"] for row in rows] == [5, 2, 8]
    assert rest["next_cursor"] is None
    oldest = api("GET", f"{path}/{rows[2]['id']}").json
    assert (oldest["method"], oldest["signature"], oldest["status"]) == ("POST", "none", 200)
    assert oldest["request_line"].startswith("POST /catch/")
    assert {"name": "X-Team", "value": "video"} in oldest["headers"]
    assert oldest["body"] == {"text": '{"n": 1}', "encoding": "utf-8", "bytes": 8}
    assert oldest["truncated"] is False
    assert api("GET", f"{path}/{rows[1]['id']}").json["body"]["encoding"] == "base64"


@pytest.mark.parametrize("is_manager", [True, False])
def test_only_keys_that_manage_webhooks_see_secrets_in_received_requests(
    platform: Caller, organization: Any, inbox: Any, is_manager: bool
):
    receive(platform.client, inbox, Authorization="Bearer s3cret-of-a-webhook")
    scopes = ["deliveries:read", "webhooks:manage"] if is_manager else ["deliveries:read"]
    keys = f"/organizations/{organization.id}/api-keys"
    key = platform.post(keys, {"name": "a", "scopes": scopes})["key"]
    caller = Caller(platform.client, {"Authorization": f"Bearer {key}"})
    path = f"{PATH}/{inbox['id']}/requests"
    (row,) = caller("GET", path).json["data"]
    shown = caller("GET", f"{path}/{row['id']}").text
    assert ("s3cret-of-a-webhook" in shown) is is_manager
    reveals = db.session.query(AuditEntry).filter_by(action="catcher.reveal_secret")
    assert reveals.count() == int(is_manager)


def test_requests_are_cleared_and_the_inbox_deleted(api: Caller, client: FlaskClient, inbox: Any):
    receive(client, inbox)
    path = f"{PATH}/{inbox['id']}"
    assert api("DELETE", f"{path}/requests").status_code == 204
    assert api("GET", f"{path}/requests").json["data"] == []
    assert api("DELETE", path).status_code == 204
    problem(api("GET", path), 404, "not_found")
    problem(api("GET", f"{path}/requests"), 404, "not_found")
    assert receive(client, inbox) == 404


def test_all_errors_are_reported_at_once(api: Caller, inbox: Any):
    document = {"status": 99, "delay_seconds": 11, "failure_percent": 0.5, "color": "red"}
    for response in (
        api("POST", PATH, document),
        api("PATCH", f"{PATH}/{inbox['id']}", document),
    ):
        errors = problem(response, 422, "invalid")["errors"]
        assert {error["field"] for error in errors} == set(document)


def test_there_are_at_most_twenty(api: Caller):
    for _ in range(20):
        api.post(PATH, {})
    problem(api("POST", PATH), 409, "conflict")


def test_another_organization_sees_and_changes_nothing(
    stranger: Caller, client: FlaskClient, inbox: Any
):
    receive(client, inbox)
    assert stranger("GET", PATH).json["data"] == []
    path = f"{PATH}/{inbox['id']}"
    problem(stranger("GET", path), 404, "not_found")
    problem(stranger("GET", f"{path}/requests"), 404, "not_found")
    problem(stranger("PATCH", path, {"status": 500}), 404, "not_found")
    problem(stranger("DELETE", path), 404, "not_found")
    problem(stranger("DELETE", f"{path}/requests"), 404, "not_found")
