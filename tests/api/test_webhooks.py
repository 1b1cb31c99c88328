from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.support.receiver import Receiver

URL = "https://example.com/hook"
UNKNOWN = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"


@pytest.fixture
def webhook(api: Caller) -> Any:
    return api.made("/webhooks", {"url": URL, "name": "First"})


def test_a_url_alone_makes_a_webhook_of_the_standard_preset(api: Caller):
    answer = api("POST", "/webhooks", {"url": URL})
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/webhooks/{answer.json['id']}"
    made = answer.json
    assert (made["url"], made["preset"], made["state"]) == (URL, "standard", "active")
    assert made["event_types"] is None
    assert made["retry_waits_seconds"] == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]


@pytest.mark.parametrize(
    ("preset", "waits"),
    [
        ("render", [8, 27, 64, 125, 216, 343, 512, 729, 900]),
        ("encoding", [3, 3, 3]),
        ("form_callback", [5, 10, 20, 40, 80, 160, 320, 640, 1280]),
    ],
)
def test_a_preset_shows_the_waits_that_follow_from_it(api: Caller, preset: str, waits: list[int]):
    made = api.made("/webhooks", {"url": URL, "preset": preset})
    assert made["retry_waits_seconds"] == waits


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


def test_every_setting_comes_back_as_it_was_given(api: Caller):
    made = api.made("/webhooks", SETTINGS | {"success_statuses": [204, "300-302"]})
    assert {name: made[name] for name in SETTINGS} == SETTINGS
    assert made["success_statuses"] == ["204", "300-302"]
    assert api("GET", f"/webhooks/{made['id']}").json == made


def test_a_secret_stands_in_no_list(api: Caller):
    api.made("/webhooks", SETTINGS | {"once": False})
    text = api("GET", "/webhooks").text
    assert '"has_api_key":true' in text
    assert "the key" not in text
    assert "the token" not in text
    assert "whsk_" not in text


def test_the_signing_secret_is_shown_on_request(api: Caller, webhook: Any):
    answer = api("GET", f"/webhooks/{webhook['id']}/secret")
    assert answer.json["secret"].startswith("whsec_")
    assert list(answer.json) == ["secret"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_secret_is_rotated(api: Caller, webhook: Any):
    path = f"/webhooks/{webhook['id']}"
    before = api("GET", f"{path}/secret").json["secret"]
    new = api.made(f"{path}/rotate-secret", {"overlap_seconds": 60})["secret"]
    assert new != before
    assert api("GET", f"{path}/secret").json["secret"] == new


def test_rotating_needs_no_body(api: Caller, webhook: Any):
    assert api("POST", f"/webhooks/{webhook['id']}/rotate-secret").status_code == 200


def test_a_secret_of_ones_own_is_taken(api: Caller, webhook: Any):
    own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    path = f"/webhooks/{webhook['id']}/rotate-secret"
    assert api.made(path, {"secret": own}) == {"secret": own}


def test_patch_changes_what_is_given(api: Caller, webhook: Any):
    answer = api("PATCH", f"/webhooks/{webhook['id']}", {"name": "Second"})
    assert answer.status_code == 200
    changed = {"name": "Second", "updated_at": answer.json["updated_at"]}
    assert answer.json == webhook | changed


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_was_shown_can_be_changed_and_sent_back(api: Caller, method: str):
    made = api.made("/webhooks", SETTINGS)
    path = f"/webhooks/{made['id']}"
    answer = api(method, path, made | {"name": "Changed"})
    assert answer.status_code == 200, answer.text
    changed = {"name": "Changed", "updated_at": answer.json["updated_at"]}
    assert answer.json == made | changed


@pytest.mark.parametrize("given", [{"id": UNKNOWN}, {"state": "paused"}, {"has_api_key": True}])
def test_what_only_tells_how_a_webhook_stands_cannot_be_set(
    api: Caller, webhook: Any, given: dict[str, Any]
):
    answer = api("PATCH", f"/webhooks/{webhook['id']}", {"name": "Second"} | given)
    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json["errors"]] == [(*given, "read_only")]
    assert api("GET", f"/webhooks/{webhook['id']}").json == webhook


@pytest.mark.parametrize(("signing", "prefix"), [("v1a", "whpk_"), ("v1", None), ("none", None)])
def test_the_public_key_of_v1a_is_shown(api: Caller, signing: str, prefix: str | None):
    shown = api.made("/webhooks", {"url": URL, "signing": signing})["public_key"]
    assert shown is None if prefix is None else shown.startswith(prefix)


def test_put_replaces_and_an_omitted_secret_stays(api: Caller):
    made = api.made("/webhooks", SETTINGS)
    answer = api("PUT", f"/webhooks/{made['id']}", {"url": URL})
    assert answer.status_code == 200
    replaced = answer.json
    assert (replaced["preset"], replaced["name"], replaced["headers"]) == ("standard", "", {})
    assert (replaced["api_key"], replaced["secret_token"]) == ("the key", "the token")


def test_a_webhook_is_paused_and_resumed_by_its_switch(api: Caller, webhook: Any):
    path = f"/webhooks/{webhook['id']}"
    assert api("PATCH", path, {"is_active": False}).json["state"] == "paused"
    assert api("PATCH", path, {"is_active": True}).json["state"] == "active"


def test_a_deleted_webhook_is_gone_without_a_word(api: Caller, webhook: Any):
    answer = api("DELETE", f"/webhooks/{webhook['id']}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert api("GET", f"/webhooks/{webhook['id']}").status_code == 404
    assert api("DELETE", f"/webhooks/{webhook['id']}").status_code == 404


def test_webhooks_are_listed_newest_first_and_go_on_by_cursor(api: Caller):
    made = [api.made("/webhooks", {"url": URL})["id"] for _ in range(3)]
    first = api("GET", "/webhooks?limit=2").json
    assert [row["id"] for row in first["data"]] == [made[2], made[1]]
    second = api("GET", f"/webhooks?limit=2&cursor={first['next_cursor']}").json
    assert [row["id"] for row in second["data"]] == [made[0]]


def test_those_good_once_are_listed_only_for_whoever_asks(api: Caller):
    api.made("/webhooks", {"url": URL, "once": True})
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
        ("GET", "/secret", None),
    ],
)
def test_another_organizations_webhook_is_the_404_of_one_that_is_not_there(
    api: Caller, stranger: Caller, webhook: Any, call: tuple[str, str, Any]
):
    method, path, document = call
    theirs = stranger(method, f"/webhooks/{webhook['id']}{path}", document)
    nothing = stranger(method, f"/webhooks/{UNKNOWN}{path}", document)
    assert theirs.status_code == nothing.status_code == 404
    assert theirs.json | {"request_id": ""} == nothing.json | {"request_id": ""}
    assert api("GET", f"/webhooks/{webhook['id']}").json == webhook


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "ftp://example.com/", "http://0x7f.1/", "example.com", ""]
)
def test_an_address_that_may_not_be_called_is_refused_at_once(api: Caller, url: str):
    answer = api("POST", "/webhooks", {"url": url})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "url"


def test_a_check_tells_what_the_receiver_did(api: Caller, receiver: Receiver):
    receiver.answer(503, [("X-Why", "tired")], b"later", 0)
    webhook = api.made("/webhooks", {"url": receiver.url, "preset": "encoding"})
    checked = api.made(f"/webhooks/{webhook['id']}/check", {})
    assert checked["succeeded"] is False
    tried = checked["attempt"]
    assert (tried["status"], tried["cause"]) == (503, "status")
    assert tried["response"]["body"]["text"] == "later"
    assert {"name": "X-Why", "value": "tired"} in tried["response"]["headers"]
    (got,) = receiver.requests
    assert tried["request"]["body"]["text"] == got.body.decode()
    assert api("GET", "/deliveries").json["data"] == []


def test_a_check_succeeds_when_the_receiver_takes_it(api: Caller, receiver: Receiver):
    webhook = api.made("/webhooks", {"url": receiver.url})
    assert api.made(f"/webhooks/{webhook['id']}/check", {})["succeeded"] is True
