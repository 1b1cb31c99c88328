"""The encoding dialect, section 4 of the contract."""

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.domain.event_types.names import SAMPLES
from app.models import WebhookState
from app.store.transaction import write_transaction
from tests.compat.caller import URL, Caller
from tests.support.servers.receiver import Receiver

COLLECTION = "/api/webhooks"
EVENTS = (
    "file_received", "encoding_started", "partial_finished", "encoding_finished", "encoding_failed",
)  # fmt: skip


def item(webhook_id: str) -> str:
    return f"{COLLECTION}/{webhook_id}"


def create_webhook(call: Caller, **fields: Any) -> Any:
    response = call(
        "POST", COLLECTION, {"url": URL, "name": "n", "encoding_started": True, **fields}
    )
    assert response.status_code == 201, response.text
    return response.json["data"]["webhook"]


def show(call: Caller, webhook_id: str) -> Any:
    response = call("GET", item(webhook_id))
    assert response.status_code == 200, response.text
    return response.json["data"]["webhook"]


def selected(webhook: Any) -> list[str]:
    return [name for name in EVENTS if webhook[name]]


def failed(response: TestResponse, status: int) -> str:
    assert response.status_code == status, response.text
    assert response.content_type == "application/json"
    assert response.json["status"] == "fail"
    message: str = response.json["message"]
    return message


def test_create_is_201_with_the_webhook_under_data(call: Caller, organization: Any) -> None:
    body = {
        "file_received": False,
        "encoding_started": True,
        "encoding_finished": True,
        "url": URL,
        "name": "Mine",
    }
    response = call("POST", COLLECTION, body)
    assert response.status_code == 201
    assert (list(response.json), response.json["status"]) == (["status", "data"], "success")
    webhook = response.json["data"]["webhook"]
    assert list(webhook) == [
        "id",
        "user_id",
        "name",
        "url",
        *EVENTS,
        "created_at",
        "updated_at",
        "last_triggered_at",
    ]
    assert (webhook["name"], webhook["url"], webhook["user_id"]) == ("Mine", URL, organization.id)
    assert selected(webhook) == ["encoding_started", "encoding_finished"]
    assert call("GET", item(webhook["id"])).json == response.json


def test_create_accepts_a_form(call: Caller) -> None:
    response = call(
        "POST", COLLECTION, data={"url": URL, "file_received": "true", "encoding_failed": "0"}
    )
    assert selected(response.json["data"]["webhook"]) == ["file_received"]


def test_a_webhook_gets_the_preset_of_this_dialect(call: Caller, native: Caller) -> None:
    webhook = native("GET", f"/webhooks/{create_webhook(call)['id']}").json
    assert (webhook["preset"], webhook["event_types"]) == ("encoding", ["encoding.started"])
    assert webhook["retry_policy"]["interval_seconds"] == 3
    assert webhook["retry_policy"]["max_attempts"] == 4


def test_a_name_has_at_most_100_characters(call: Caller) -> None:
    assert create_webhook(call, name="ü" * 100)["name"] == "ü" * 100


def test_unknown_fields_are_ignored(call: Caller) -> None:
    assert create_webhook(call, colour="red", event_types=[])["name"] == "n"


def test_the_list_has_25_oldest_first_and_counts_all(call: Caller) -> None:
    ids = [create_webhook(call)["id"] for _ in range(27)]

    def listed(query: str) -> list[str]:
        response = call("GET", COLLECTION + query)
        assert response.json["data"]["total"] == 27
        return [row["id"] for row in response.json["data"]["webhooks"]]

    assert listed("") == ids[:25]
    assert listed("?offset=25") == ids[25:]
    assert listed("?offset=3&limit=2&order_by=desc") == ids[::-1][3:5]
    assert listed("?limit=100&sort_by=&order_by=") == ids


def test_search_sorting_and_filters_and_the_total_after_them(call: Caller) -> None:
    create_webhook(call, name="Beta", url="https://a.example.com/", file_received=True)
    create_webhook(call, name="alphabet", url="https://c.example.com/")
    create_webhook(call, name="Gamma", url="https://b.example.com/", encoding_failed=True)

    def names(query: str) -> list[str]:
        data = call("GET", f"{COLLECTION}?{query}").json["data"]
        assert data["total"] == (3 if "limit" in query else len(data["webhooks"]))
        return [row["name"] for row in data["webhooks"]]

    assert names("search=BET") == ["Beta", "alphabet"]
    assert names("sort_by=url") == ["Beta", "Gamma", "alphabet"]
    assert names("sort_by=name&order_by=desc") == ["alphabet", "Gamma", "Beta"]
    assert names("file_received=true") == ["Beta"]
    assert names("encoding_failed=1&file_received=false") == ["Gamma"]
    assert names("file_received=true&encoding_failed=true") == []
    assert names("limit=1") == ["Beta"]
    assert names("search=%00") == []


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_update_changes_only_the_fields_in_the_request(call: Caller, method: str) -> None:
    before = create_webhook(call, file_received=True)
    response = call(method, item(before["id"]), {"url": URL + "2", "file_received": False})
    message = {"status": "success", "message": "Update webhook successfully."}
    assert (response.status_code, response.json) == (200, message)
    after = show(call, before["id"])
    assert (after["url"], after["name"]) == (URL + "2", "n")
    assert selected(after) == ["encoding_started"]


def test_delete_confirms_with_a_message(call: Caller) -> None:
    path = item(create_webhook(call)["id"])
    response = call("DELETE", path)
    message = {"status": "success", "message": "Deleted webhook successfully."}
    assert (response.status_code, response.json) == (200, message)
    failed(call("GET", path), 404)


def test_a_webhook_for_all_events_has_every_boolean_set(call: Caller, native: Caller) -> None:
    webhook = native("POST", "/webhooks", {"url": URL}).json
    assert selected(show(call, webhook["id"])) == list(EVENTS)


def test_removing_one_type_from_all_leaves_the_others_that_the_dialects_know(
    call: Caller, native: Caller
) -> None:
    fields = {"url": URL, "preset": "live_channel"}
    path = f"/webhooks/{native('POST', '/webhooks', fields).json['id']}"
    assert call("PATCH", f"{COLLECTION}{path[9:]}", dict.fromkeys(EVENTS, True)).status_code == 200
    assert native("GET", path).json["event_types"] is None
    call("PATCH", f"{COLLECTION}{path[9:]}", {"file_received": False})
    assert native("GET", path).json["event_types"] == [
        "channel_live", "channel_stop", "channel_ended",
        "encoding.started", "partial.finished", "encoding.finished", "encoding.failed",
    ]  # fmt: skip


def test_an_update_keeps_settings_that_the_dialect_does_not_have(
    call: Caller, native: Caller
) -> None:
    fields = {
        "url": URL,
        "name": "x" * 150,
        "preset": "asset",
        "secret_token": "t",
        "event_types": ["channel_live", "file.received"],
        "headers": {"X-A": "b"},
        "is_active": False,
    }
    before = native("POST", "/webhooks", fields).json
    call("PUT", item(before["id"]), {"encoding_failed": True, "file_received": False})
    after = native("GET", f"/webhooks/{before['id']}").json
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"event_types", "updated_at"}
    assert after["event_types"] == ["channel_live", "encoding.failed"]


def test_last_triggered_at_is_the_end_of_the_last_attempt(call: Caller) -> None:
    webhook, never = create_webhook(call), create_webhook(call)
    assert webhook["last_triggered_at"] is None
    with write_transaction() as session:
        state = session.get_one(WebhookState, webhook["id"])
        state.last_success_at, state.last_failure_at = 1_000, 2_000
    at = "1970-01-01T00:00:02.000Z"
    assert show(call, webhook["id"])["last_triggered_at"] == at
    listed = call("GET", COLLECTION).json["data"]["webhooks"]
    expected = {webhook["id"]: at, never["id"]: None}
    assert {row["id"]: row["last_triggered_at"] for row in listed} == expected


def test_check_sends_a_sample_event_once_and_returns_200_on_2xx(
    call: Caller, receiver: Receiver
) -> None:
    receiver.respond(204)
    webhook = create_webhook(call, url=receiver.url)
    response = call("POST", item(f"check/{webhook['id']}"))
    message = {"status": "success", "message": "Check webhook successfully."}
    assert (response.status_code, response.json) == (200, message)
    [request] = receiver.requests
    body = json.loads(request.body)
    assert list(body)[:2] == ["type", "emitted_at"]
    assert body["type"] == "encoding.started"
    assert {name: body[name] for name in SAMPLES["encoding.started"].payload} == (
        SAMPLES["encoding.started"].payload
    )
    assert request.header("webhook-signature") is not None
    assert request.header("X-Callboard-Test") == "true"


@pytest.mark.parametrize(("status", "word"), [(500, "500"), (302, "302"), (410, "410 Gone")])
def test_a_failed_check_is_a_400_with_its_reason_and_is_never_retried(
    call: Caller, receiver: Receiver, status: int, word: str
) -> None:
    receiver.respond(status)
    webhook = create_webhook(call, url=receiver.url)
    message = failed(call("POST", item(f"check/{webhook['id']}")), 400)
    assert word in message
    assert len(receiver.requests) == 1


def test_a_refused_connection_is_the_reason_of_a_failed_check(
    call: Caller, receiver: Receiver
) -> None:
    webhook = create_webhook(call, url=receiver.url)
    receiver.close()
    assert "refused" in failed(call("POST", item(f"check/{webhook['id']}")), 400)


def test_all_three_kinds_of_credentials_work(call: Caller, api_key: Any) -> None:
    headers = {"stream_public_key": api_key.id, "stream_secret_key": api_key.secret}
    assert call("GET", COLLECTION).status_code == 200
    assert call.by(Authorization=f"Bearer {api_key.key}")("GET", COLLECTION).status_code == 200
    assert call.by(**headers)("GET", COLLECTION).status_code == 200
    failed(call.by(**headers | {"stream_secret_key": "wrong"})("GET", COLLECTION), 401)
    failed(call.by(stream_public_key=api_key.id)("GET", COLLECTION), 401)
