"""The live channel dialect, section 1 of the contract."""

import threading
from typing import Any

import pytest

from tests.compat.caller import URL, Caller

COLLECTION = "/v1/webhook"


def item(webhook_id: str) -> str:
    return f"{COLLECTION}/{webhook_id}"


def create_webhook(call: Caller, event: Any = "all", uri: str = URL) -> Any:
    response = call("POST", COLLECTION, {"uri": uri, "event": event})
    assert response.status_code == 200, response.text
    return response.json


def test_create_returns_id_uri_and_the_list_of_events(call: Caller) -> None:
    webhook = create_webhook(call, "channel_live,channel_ended")
    events = ["channel_live", "channel_ended"]
    assert webhook == {"id": webhook["id"], "uri": URL, "event": events}
    assert list(webhook) == ["id", "uri", "event"]
    assert call("GET", item(webhook["id"])).json == webhook


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"uri": URL, "event": " channel_live , channel_stop,"}},
        {"data": {"uri": URL, "event": ["channel_live", "channel_stop"]}},
        {"json": {"uri": URL, "event": "channel_live,channel_stop"}},
        {"json": {"uri": URL, "event": ["channel_live", "channel_stop", "channel_live"]}},
    ],
)
def test_events_come_from_a_form_or_json_as_text_or_list(call: Caller, body: Any) -> None:
    assert call("POST", COLLECTION, **body).json["event"] == ["channel_live", "channel_stop"]


@pytest.mark.parametrize("event", ["all", "channel_live,all", ["all"]])
def test_all_means_every_event_type_and_is_shown_as_all(
    call: Caller, native: Caller, event: Any
) -> None:
    webhook = create_webhook(call, event)
    assert webhook["event"] == ["all"]
    assert native("GET", f"/webhooks/{webhook['id']}").json["event_types"] is None


def test_a_webhook_gets_the_preset_of_this_dialect(call: Caller, native: Caller) -> None:
    webhook = native("GET", f"/webhooks/{create_webhook(call)['id']}").json
    assert (webhook["preset"], webhook["body_format"]) == ("live_channel", "live_channel")


def test_the_list_has_pages_of_10_numbered_from_0(call: Caller) -> None:
    ids = [create_webhook(call)["id"] for _ in range(12)][::-1]

    def listed(query: str) -> tuple[list[str], int, int, int]:
        page = call("GET", COLLECTION + query).json
        assert list(page) == ["data", "total", "length", "page"]
        return [row["id"] for row in page["data"]], page["total"], page["length"], page["page"]

    assert listed("") == (ids[:10], 12, 10, 0)
    assert listed("?page=1") == (ids[10:], 12, 2, 1)
    assert listed("?page=1&length=5") == (ids[5:10], 12, 5, 1)
    assert listed("?page=7&length=100") == ([], 12, 0, 7)


def test_a_filter_matches_webhooks_for_any_of_its_events_and_for_all(call: Caller) -> None:
    live = create_webhook(call, "channel_live")["id"]
    ended = create_webhook(call, "channel_ended")["id"]
    everything = create_webhook(call, "all")["id"]

    def webhook(query: str) -> set[str]:
        page = call("GET", f"{COLLECTION}?{query}").json
        assert page["total"] == len(page["data"])
        return {row["id"] for row in page["data"]}

    assert webhook("event=channel_live") == {live, everything}
    assert webhook("event=channel_live,channel_ended") == {live, ended, everything}
    assert webhook("event=channel_stop") == {everything}
    assert webhook("event=") == {live, ended, everything}


def test_an_update_changes_only_the_fields_in_the_request_and_returns_the_webhook(
    call: Caller,
) -> None:
    webhook = create_webhook(call, "channel_live")
    changed = call("PUT", item(webhook["id"]), {"uri": URL + "2"}).json
    assert changed == webhook | {"uri": URL + "2"}
    changed = call("PUT", item(webhook["id"]), data={"event": "all"}).json
    assert changed == {"id": webhook["id"], "uri": URL + "2", "event": ["all"]}
    assert call("PUT", item(webhook["id"])).json == changed


def test_get_shows_the_webhook_and_never_deletes(call: Caller) -> None:
    path = item(create_webhook(call, "channel_live")["id"])
    for query in ("", "?event=channel_live"):
        assert call("GET", path + query).json["event"] == ["channel_live"]
    assert call("GET", path).status_code == 200


def test_delete_returns_an_empty_object(call: Caller) -> None:
    path = item(create_webhook(call)["id"])
    response = call("DELETE", path)
    assert (response.status_code, response.json) == (200, {})
    assert call("GET", path).status_code == 404


def test_delete_with_events_unsubscribes_those_only(call: Caller) -> None:
    path = item(create_webhook(call, "channel_live,channel_stop,channel_ended")["id"])
    response = call("DELETE", f"{path}?event=channel_live,channel_ended")
    assert (response.status_code, response.json) == (200, {})
    assert call("GET", path).json["event"] == ["channel_stop"]


def test_delete_with_events_in_the_body_never_deletes_more_than_those(call: Caller) -> None:
    path = item(create_webhook(call, "channel_live,channel_stop")["id"])
    call("DELETE", path, data={"event": "channel_live"})
    assert call("GET", path).json["event"] == ["channel_stop"]


def test_an_empty_list_of_events_deletes_nothing(call: Caller) -> None:
    path = item(create_webhook(call)["id"])
    assert call("DELETE", f"{path}?event=").status_code == 422
    assert call("GET", path).json["event"] == ["all"]


@pytest.mark.parametrize("removed", ["channel_live,channel_stop", "all"])
def test_a_webhook_left_with_no_event_is_deleted(call: Caller, removed: str) -> None:
    path = item(create_webhook(call, "channel_live,channel_stop")["id"])
    assert call("DELETE", f"{path}?event={removed}").json == {}
    assert call("GET", path).status_code == 404


def test_removing_one_event_from_all_leaves_the_others_that_the_dialect_knows(call: Caller) -> None:
    path = item(create_webhook(call, "all")["id"])
    call("DELETE", f"{path}?event=channel_stop")
    assert call("GET", path).json["event"] == ["channel_live", "channel_ended"]


def test_a_get_with_events_warns_that_it_removes_none(call: Caller) -> None:
    path = item(create_webhook(call, "all")["id"])
    assert "Warning" not in call("GET", path).headers
    warning = call("GET", f"{path}?event=channel_live").headers["Warning"]
    assert warning == '299 - "GET removes no events; send DELETE with the same query"'


def test_white_space_around_the_uri_is_removed(call: Caller) -> None:
    webhook = create_webhook(call, uri=f" {URL}\n")
    assert webhook["uri"] == URL
    assert call("PUT", item(webhook["id"]), {"uri": f"\t{URL}2 "}).json["uri"] == f"{URL}2"


def test_an_unknown_event_is_answered_with_those_that_exist(call: Caller, native: Caller) -> None:
    native("PUT", "/event-types/camera.moved", {"description": ""})
    path = item(create_webhook(call, "channel_live")["id"])
    body = {"uri": URL, "event": "chanel_live,all"}
    for response in (call("POST", COLLECTION, body), call("PUT", path, body)):
        assert (response.status_code, response.json["ec"]) == (422, 422)
        for word in ("chanel_live", "channel_live", "channel_stop", "camera.moved", "force"):
            assert word in response.json["msg"]
    assert create_webhook(call, "camera.moved")["event"] == ["camera.moved"]


@pytest.mark.parametrize("force", [{"json": {"force": True}}, {"query_string": "force=1"}])
def test_an_unknown_event_is_accepted_by_force_and_then_kept(call: Caller, force: Any) -> None:
    body = {"uri": URL, "event": "chanel_live"} | force.get("json", {})
    query = force.get("query_string")
    response = call("POST", COLLECTION, body, query_string=query)
    assert response.json["event"] == ["chanel_live"]
    changed = call("PUT", item(response.json["id"]), {"event": "chanel_live,channel_stop"})
    assert changed.json["event"] == ["chanel_live", "channel_stop"]


def test_concurrent_unsubscriptions_are_all_applied(call: Caller) -> None:
    names = ["channel_live", *(f"e{number}" for number in range(4))]
    created = call("POST", COLLECTION, {"uri": URL, "event": names, "force": True})
    path = item(created.json["id"])
    threads = [
        threading.Thread(target=call, args=("DELETE", f"{path}?event={name}")) for name in names[1:]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert call("GET", path).json["event"] == ["channel_live"]


def test_an_update_keeps_settings_that_the_dialect_does_not_have(
    call: Caller, native: Caller
) -> None:
    fields = {
        "url": URL,
        "name": "Mine",
        "preset": "form_callback",
        "api_key": "k",
        "method": "PUT",
        "sources": ["a"],
        "event_types": ["transcoding.finished"],
        "headers": {"X-A": "b"},
    }
    before = native("POST", "/webhooks", fields).json
    assert call("GET", item(before["id"])).json["event"] == ["transcoding.finished"]
    call("PUT", item(before["id"]), {"uri": URL + "2"})
    after = native("GET", f"/webhooks/{before['id']}").json
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"url", "updated_at"}


def test_unknown_fields_are_ignored(call: Caller) -> None:
    body = {"uri": URL, "event": "all", "colour": "red", "url": "nonsense"}
    assert call("POST", COLLECTION, body).status_code == 200


def test_basic_and_bearer_work(call: Caller, native: Caller) -> None:
    assert call("GET", COLLECTION).status_code == 200
    assert call.by(**native.headers)("GET", COLLECTION).status_code == 200


def test_a_trailing_slash_changes_nothing(call: Caller) -> None:
    path = item(create_webhook(call)["id"])
    assert call("GET", path + "/").json == call("GET", path).json
    assert call("GET", COLLECTION + "/").json["total"] == 1
