"""Section 4 of the contract, encoding lifecycle: what a client of the encoder finds here."""

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.domain.event_types.names import SAMPLES
from tests.compat.caller import URL, Caller
from tests.support.receiver import Receiver

ALL = "/api/webhooks"
EVENTS = (
    "file_received", "encoding_started", "partial_finished", "encoding_finished", "encoding_failed",
)  # fmt: skip


def one(webhook_id: str) -> str:
    return f"{ALL}/{webhook_id}"


def made(call: Caller, **given: Any) -> Any:
    answer = call("POST", ALL, {"url": URL, "name": "n", "encoding_started": True, **given})
    assert answer.status_code == 201, answer.text
    return answer.json["data"]["webhook"]


def shown(call: Caller, webhook_id: str) -> Any:
    answer = call("GET", one(webhook_id))
    assert answer.status_code == 200, answer.text
    return answer.json["data"]["webhook"]


def chosen(webhook: Any) -> list[str]:
    return [name for name in EVENTS if webhook[name]]


def failed(answer: TestResponse, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/json"
    assert answer.json["status"] == "fail"
    message: str = answer.json["message"]
    return message


def test_create_is_201_with_the_webhook_under_data(call: Caller, organization: Any) -> None:
    body = {
        "file_received": False,
        "encoding_started": True,
        "encoding_finished": True,
        "url": URL,
        "name": "Mine",
    }
    answer = call("POST", ALL, body)
    assert answer.status_code == 201
    assert (list(answer.json), answer.json["status"]) == (["status", "data"], "success")
    webhook = answer.json["data"]["webhook"]
    assert list(webhook) == ["id", "user_id", "name", "url", *EVENTS, "created_at", "updated_at"]
    assert (webhook["name"], webhook["url"], webhook["user_id"]) == ("Mine", URL, organization.id)
    assert chosen(webhook) == ["encoding_started", "encoding_finished"]
    assert call("GET", one(webhook["id"])).json == answer.json


def test_create_takes_a_form(call: Caller) -> None:
    answer = call("POST", ALL, data={"url": URL, "file_received": "true", "encoding_failed": "0"})
    assert chosen(answer.json["data"]["webhook"]) == ["file_received"]


def test_a_webhook_gets_the_preset_of_this_dialect(call: Caller, native: Caller) -> None:
    found = native("GET", f"/webhooks/{made(call)['id']}").json
    assert (found["preset"], found["event_types"]) == ("encoding", ["encoding.started"])
    assert found["retry_policy"]["interval_seconds"] == 3
    assert found["retry_policy"]["max_attempts"] == 4


def test_a_name_has_at_most_100_characters(call: Caller) -> None:
    assert made(call, name="ü" * 100)["name"] == "ü" * 100


def test_unknown_fields_are_ignored(call: Caller) -> None:
    assert made(call, colour="red", event_types=[])["name"] == "n"


def test_the_list_has_25_oldest_first_and_counts_all(call: Caller) -> None:
    ids = [made(call)["id"] for _ in range(27)]

    def listed(query: str) -> list[str]:
        answer = call("GET", ALL + query)
        assert answer.json["data"]["total"] == 27
        return [row["id"] for row in answer.json["data"]["webhooks"]]

    assert listed("") == ids[:25]
    assert listed("?offset=25") == ids[25:]
    assert listed("?offset=3&limit=2&order_by=desc") == ids[::-1][3:5]
    assert listed("?limit=100&sort_by=&order_by=") == ids


def test_search_sorting_and_filters_and_the_total_after_them(call: Caller) -> None:
    made(call, name="Beta", url="https://a.example.com/", file_received=True)
    made(call, name="alphabet", url="https://c.example.com/")
    made(call, name="Gamma", url="https://b.example.com/", encoding_failed=True)

    def names(query: str) -> list[str]:
        data = call("GET", f"{ALL}?{query}").json["data"]
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
def test_an_update_changes_what_is_given(call: Caller, method: str) -> None:
    before = made(call, file_received=True)
    answer = call(method, one(before["id"]), {"url": URL + "2", "file_received": False})
    said = {"status": "success", "message": "Update webhook successfully."}
    assert (answer.status_code, answer.json) == (200, said)
    after = shown(call, before["id"])
    assert (after["url"], after["name"]) == (URL + "2", "n")
    assert chosen(after) == ["encoding_started"]


def test_delete_says_so(call: Caller) -> None:
    path = one(made(call)["id"])
    answer = call("DELETE", path)
    said = {"status": "success", "message": "Deleted webhook successfully."}
    assert (answer.status_code, answer.json) == (200, said)
    failed(call("GET", path), 404)


def test_a_webhook_of_all_events_is_shown_with_every_boolean(call: Caller, native: Caller) -> None:
    found = native("POST", "/webhooks", {"url": URL}).json
    assert chosen(shown(call, found["id"])) == list(EVENTS)


def test_taking_one_from_all_leaves_the_others_that_the_dialects_know(
    call: Caller, native: Caller
) -> None:
    given = {"url": URL, "preset": "live_channel"}
    path = f"/webhooks/{native('POST', '/webhooks', given).json['id']}"
    assert call("PATCH", f"{ALL}{path[9:]}", dict.fromkeys(EVENTS, True)).status_code == 200
    assert native("GET", path).json["event_types"] is None
    call("PATCH", f"{ALL}{path[9:]}", {"file_received": False})
    assert native("GET", path).json["event_types"] == [
        "channel_live", "channel_stop", "channel_ended",
        "encoding.started", "partial.finished", "encoding.finished", "encoding.failed",
    ]  # fmt: skip


def test_what_this_dialect_cannot_express_stays_as_it_is(call: Caller, native: Caller) -> None:
    given = {
        "url": URL,
        "name": "x" * 150,
        "preset": "asset",
        "secret_token": "t",
        "event_types": ["channel_live", "file.received"],
        "headers": {"X-A": "b"},
        "is_active": False,
    }
    before = native("POST", "/webhooks", given).json
    call("PUT", one(before["id"]), {"encoding_failed": True, "file_received": False})
    after = native("GET", f"/webhooks/{before['id']}").json
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"event_types", "updated_at"}
    assert after["event_types"] == ["channel_live", "encoding.failed"]


def test_check_sends_a_sample_event_once_and_answers_200_on_2xx(
    call: Caller, receiver: Receiver
) -> None:
    receiver.answer(204)
    webhook = made(call, url=receiver.url)
    answer = call("POST", one(f"check/{webhook['id']}"))
    said = {"status": "success", "message": "Check webhook successfully."}
    assert (answer.status_code, answer.json) == (200, said)
    [request] = receiver.requests
    body = json.loads(request.body)
    assert list(body)[:2] == ["type", "emitted_at"]
    assert body["type"] == "encoding.started"
    assert {name: body[name] for name in SAMPLES["encoding.started"].payload} == (
        SAMPLES["encoding.started"].payload
    )
    assert request.header("webhook-signature") is not None


@pytest.mark.parametrize(("status", "word"), [(500, "500"), (302, "302"), (410, "gone")])
def test_check_is_400_with_what_happened_and_never_retried(
    call: Caller, receiver: Receiver, status: int, word: str
) -> None:
    receiver.answer(status)
    webhook = made(call, url=receiver.url)
    said = failed(call("POST", one(f"check/{webhook['id']}")), 400)
    assert word in said
    assert len(receiver.requests) == 1


def test_check_says_when_nobody_answers(call: Caller, receiver: Receiver) -> None:
    webhook = made(call, url=receiver.url)
    receiver.close()
    assert "refused" in failed(call("POST", one(f"check/{webhook['id']}")), 400)


def test_all_three_credentials_are_taken(call: Caller, api_key: Any) -> None:
    headers = {"stream_public_key": api_key.id, "stream_secret_key": api_key.secret}
    assert call("GET", ALL).status_code == 200
    assert call.by(Authorization=f"Bearer {api_key.key}")("GET", ALL).status_code == 200
    assert call.by(**headers)("GET", ALL).status_code == 200
    failed(call.by(**headers | {"stream_secret_key": "wrong"})("GET", ALL), 401)
    failed(call.by(stream_public_key=api_key.id)("GET", ALL), 401)
