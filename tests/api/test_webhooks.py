from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.support.servers.receiver import Receiver

URL = "https://example.com/hook"
UNKNOWN = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"


@pytest.fixture
def webhook(api: Caller) -> Any:
    return api.post("/webhooks", {"url": URL, "name": "First"})


def test_a_url_alone_creates_a_webhook_with_the_standard_preset(api: Caller):
    response = api("POST", "/webhooks", {"url": URL})
    assert response.status_code == 201
    assert response.headers["Location"] == f"/api/v1/webhooks/{response.json['id']}"
    created = response.json
    assert (created["url"], created["preset"], created["state"]) == (URL, "standard", "active")
    assert created["event_types"] is None
    assert created["retry_waits_seconds"] == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]


@pytest.mark.parametrize(
    ("preset", "waits"),
    [
        ("render", [8, 27, 64, 125, 216, 343, 512, 729, 900]),
        ("encoding", [3, 3, 3]),
        ("form_callback", [5, 10, 20, 40, 80, 160, 320, 640, 1280]),
    ],
)
def test_a_preset_shows_its_retry_delays(api: Caller, preset: str, waits: list[int]):
    created = api.post("/webhooks", {"url": URL, "preset": preset})
    assert created["retry_waits_seconds"] == waits


SETTINGS: dict[str, Any] = {
    "url": URL,
    "name": "Whole",
    "description": "Everything is set.",
    "once": True,
    "preset": "custom",
    "method": "PUT",
    "body_format": "custom",
    "body_expression": "payload",
    "body_encoding": "form",
    "event_types": ["a", "b"],
    "sources": ["cam-1"],
    "filter": "payload.n > `1`",
    "headers": {"X-Team": "video"},
    "api_key": "the key",
    "secret_token": "the token",
    "secret_header": "X-Token",
    "timeout_seconds": 5.5,
    "rate_limit_per_second": 2.5,
    "max_in_flight": 3,
    "ordered": True,
    "signing": "v1a",
    "is_active": False,
    "metadata": {"team": ["video"]},
    "retry_policy": {"kind": "fixed", "interval_seconds": 3, "max_attempts": 4},
}


def test_every_setting_is_returned_as_it_was_sent(api: Caller):
    created = api.post("/webhooks", SETTINGS | {"success_statuses": [204, "300-302"]})
    assert {name: created[name] for name in SETTINGS} == SETTINGS
    assert created["success_statuses"] == ["204", "300-302"]
    assert api("GET", f"/webhooks/{created['id']}").json == created


def test_lists_show_no_secrets(api: Caller):
    api.post("/webhooks", SETTINGS | {"once": False})
    text = api("GET", "/webhooks").text
    assert '"has_api_key":true' in text
    assert "the key" not in text
    assert "the token" not in text
    assert "whsk_" not in text


def test_the_signing_secret_is_shown_on_request(api: Caller, webhook: Any):
    response = api("GET", f"/webhooks/{webhook['id']}/secret")
    assert response.json["secret"].startswith("whsec_")
    assert list(response.json) == ["secret"]
    assert response.headers["Cache-Control"] == "no-store"


def test_a_secret_is_rotated(api: Caller, webhook: Any):
    path = f"/webhooks/{webhook['id']}"
    before = api("GET", f"{path}/secret").json["secret"]
    new = api.post(f"{path}/rotate-secret", {"overlap_seconds": 60})["secret"]
    assert new != before
    assert api("GET", f"{path}/secret").json["secret"] == new


def test_the_previous_secret_is_revoked_once(api: Caller, webhook: Any):
    path = f"/webhooks/{webhook['id']}/end-secret-overlap"
    assert api("POST", path).status_code == 409
    api.post(f"/webhooks/{webhook['id']}/rotate-secret", {})
    assert api("POST", path).status_code == 204
    assert api("POST", path).json["code"] == "conflict"


def test_rotating_needs_no_body(api: Caller, webhook: Any):
    assert api("POST", f"/webhooks/{webhook['id']}/rotate-secret").status_code == 200


def test_a_secret_can_be_chosen(api: Caller, webhook: Any):
    own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    path = f"/webhooks/{webhook['id']}/rotate-secret"
    assert api.post(path, {"secret": own}) == {"secret": own}


def test_patch_changes_only_the_fields_in_the_request(api: Caller, webhook: Any):
    response = api("PATCH", f"/webhooks/{webhook['id']}", {"name": "Second"})
    assert response.status_code == 200
    changed = {"name": "Second", "updated_at": response.json["updated_at"]}
    assert response.json == webhook | changed


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_document_of_a_get_can_be_changed_and_sent_back(api: Caller, method: str):
    created = api.post("/webhooks", SETTINGS)
    path = f"/webhooks/{created['id']}"
    response = api(method, path, created | {"name": "Changed"})
    assert response.status_code == 200, response.text
    changed = {"name": "Changed", "updated_at": response.json["updated_at"]}
    assert response.json == created | changed


@pytest.mark.parametrize("fields", [{"id": UNKNOWN}, {"state": "paused"}, {"has_api_key": True}])
def test_read_only_fields_cannot_be_set(api: Caller, webhook: Any, fields: dict[str, Any]):
    response = api("PATCH", f"/webhooks/{webhook['id']}", {"name": "Second"} | fields)
    assert response.status_code == 422
    assert [(e["field"], e["code"]) for e in response.json["errors"]] == [(*fields, "read_only")]
    assert api("GET", f"/webhooks/{webhook['id']}").json == webhook


@pytest.mark.parametrize(("signing", "prefix"), [("v1a", "whpk_"), ("v1", None), ("none", None)])
def test_the_public_key_of_v1a_is_shown(api: Caller, signing: str, prefix: str | None):
    shown = api.post("/webhooks", {"url": URL, "signing": signing})["public_key"]
    assert shown is None if prefix is None else shown.startswith(prefix)


def test_put_replaces_settings_but_keeps_an_omitted_secret(api: Caller):
    created = api.post("/webhooks", SETTINGS)
    response = api("PUT", f"/webhooks/{created['id']}", {"url": URL})
    assert response.status_code == 200
    replaced = response.json
    assert (replaced["preset"], replaced["name"], replaced["headers"]) == ("standard", "", {})
    assert (replaced["api_key"], replaced["secret_token"]) == ("the key", "the token")


def test_is_active_pauses_and_resumes_a_webhook(api: Caller, webhook: Any):
    path = f"/webhooks/{webhook['id']}"
    assert api("PATCH", path, {"is_active": False}).json["state"] == "paused"
    assert api("PATCH", path, {"is_active": True}).json["state"] == "active"


def test_delete_has_an_empty_response_and_the_webhook_is_gone(api: Caller, webhook: Any):
    response = api("DELETE", f"/webhooks/{webhook['id']}")
    assert (response.status_code, response.data) == (204, b"")
    assert "Content-Type" not in response.headers
    assert api("GET", f"/webhooks/{webhook['id']}").status_code == 404
    assert api("DELETE", f"/webhooks/{webhook['id']}").status_code == 404


def test_webhooks_are_listed_newest_first_with_a_cursor(api: Caller):
    created = [api.post("/webhooks", {"url": URL})["id"] for _ in range(3)]
    first = api("GET", "/webhooks?limit=2").json
    assert [row["id"] for row in first["data"]] == [created[2], created[1]]
    second = api("GET", f"/webhooks?limit=2&cursor={first['next_cursor']}").json
    assert [row["id"] for row in second["data"]] == [created[0]]


def test_one_time_webhooks_are_listed_only_on_request(api: Caller):
    api.post("/webhooks", {"url": URL, "once": True})
    assert api("GET", "/webhooks").json["data"] == []
    assert len(api("GET", "/webhooks?include_once=true").json["data"]) == 1


@pytest.mark.parametrize(
    "call",
    [
        ("GET", "", None),
        ("PATCH", "", {"name": "Mine"}),
        ("PUT", "", {"url": URL}),
        ("DELETE", "", None),
        ("POST", "/check", None),
        ("POST", "/rotate-secret", {}),
        ("POST", "/end-secret-overlap", {}),
        ("GET", "/secret", None),
    ],
)
def test_a_webhook_of_another_organization_looks_like_an_unknown_one(
    api: Caller, stranger: Caller, webhook: Any, call: tuple[str, str, Any]
):
    method, path, document = call
    other = stranger(method, f"/webhooks/{webhook['id']}{path}", document)
    unknown = stranger(method, f"/webhooks/{UNKNOWN}{path}", document)
    assert other.status_code == unknown.status_code == 404
    assert other.json | {"request_id": ""} == unknown.json | {"request_id": ""}
    assert api("GET", f"/webhooks/{webhook['id']}").json == webhook


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "ftp://example.com/", "http://0x7f.1/", "example.com", ""]
)
def test_a_blocked_address_is_rejected_on_creation(api: Caller, url: str):
    response = api("POST", "/webhooks", {"url": url})
    assert response.status_code == 422
    assert response.json["errors"][0]["field"] == "url"


def test_a_check_shows_the_receivers_response(api: Caller, receiver: Receiver):
    receiver.respond(503, [("X-Why", "tired")], b"later", 0)
    webhook = api.post("/webhooks", {"url": receiver.url, "preset": "encoding"})
    checked = api.post(f"/webhooks/{webhook['id']}/check", {})
    assert checked["succeeded"] is False
    tried = checked["attempt"]
    assert (tried["status"], tried["cause"]) == (503, "status")
    assert tried["response"]["body"]["text"] == "later"
    assert {"name": "X-Why", "value": "tired"} in tried["response"]["headers"]
    (got,) = receiver.requests
    assert tried["request"]["body"]["text"] == got.body.decode()
    [delivery] = api("GET", "/deliveries").json["data"]
    assert (delivery["is_test"], delivery["state"]) == (True, "failed")


def test_a_check_succeeds_when_the_receiver_accepts_it(api: Caller, receiver: Receiver):
    webhook = api.post("/webhooks", {"url": receiver.url})
    assert api.post(f"/webhooks/{webhook['id']}/check", {})["succeeded"] is True
