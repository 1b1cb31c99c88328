"""Section 1 of the contract, live channel: what a client of the streaming service finds here."""

import threading
from typing import Any

import pytest

from tests.compat.caller import URL, Caller

ALL = "/v1/webhook"


def one(webhook_id: str) -> str:
    return f"{ALL}/{webhook_id}"


def made(call: Caller, event: Any = "all", uri: str = URL) -> Any:
    answer = call("POST", ALL, {"uri": uri, "event": event})
    assert answer.status_code == 200, answer.text
    return answer.json


def test_create_replies_id_uri_and_the_list_of_events(call: Caller) -> None:
    found = made(call, "channel_live,channel_ended")
    events = ["channel_live", "channel_ended"]
    assert found == {"id": found["id"], "uri": URL, "event": events}
    assert list(found) == ["id", "uri", "event"]
    assert call("GET", one(found["id"])).json == found


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"uri": URL, "event": " channel_live , channel_stop,"}},
        {"data": {"uri": URL, "event": ["channel_live", "channel_stop"]}},
        {"json": {"uri": URL, "event": "channel_live,channel_stop"}},
        {"json": {"uri": URL, "event": ["channel_live", "channel_stop", "channel_live"]}},
    ],
)
def test_a_form_or_json_gives_the_events_and_json_may_give_a_list(call: Caller, body: Any) -> None:
    assert call("POST", ALL, **body).json["event"] == ["channel_live", "channel_stop"]


@pytest.mark.parametrize("event", ["all", "channel_live,all", ["all"]])
def test_all_is_every_event_type_and_shown_as_all(call: Caller, native: Caller, event: Any) -> None:
    found = made(call, event)
    assert found["event"] == ["all"]
    assert native("GET", f"/webhooks/{found['id']}").json["event_types"] is None


def test_a_webhook_gets_the_preset_of_this_dialect(call: Caller, native: Caller) -> None:
    found = native("GET", f"/webhooks/{made(call)['id']}").json
    assert (found["preset"], found["body_format"]) == ("live_channel", "live_channel")


def test_the_list_is_cut_into_pages_from_0_of_10(call: Caller) -> None:
    ids = [made(call)["id"] for _ in range(12)][::-1]

    def listed(query: str) -> tuple[list[str], int, int, int]:
        page = call("GET", ALL + query).json
        assert list(page) == ["data", "total", "length", "page"]
        return [row["id"] for row in page["data"]], page["total"], page["length"], page["page"]

    assert listed("") == (ids[:10], 12, 10, 0)
    assert listed("?page=1") == (ids[10:], 12, 2, 1)
    assert listed("?page=1&length=5") == (ids[5:10], 12, 5, 1)
    assert listed("?page=7&length=100") == ([], 12, 0, 7)


def test_a_filter_finds_the_webhooks_of_any_of_its_events_and_those_of_all(call: Caller) -> None:
    live = made(call, "channel_live")["id"]
    ended = made(call, "channel_ended")["id"]
    everything = made(call, "all")["id"]

    def found(query: str) -> set[str]:
        page = call("GET", f"{ALL}?{query}").json
        assert page["total"] == len(page["data"])
        return {row["id"] for row in page["data"]}

    assert found("event=channel_live") == {live, everything}
    assert found("event=channel_live,channel_ended") == {live, ended, everything}
    assert found("event=channel_stop") == {everything}
    assert found("event=") == {live, ended, everything}


def test_an_update_changes_only_what_is_given_and_replies_the_webhook(call: Caller) -> None:
    found = made(call, "channel_live")
    changed = call("PUT", one(found["id"]), {"uri": URL + "2"}).json
    assert changed == found | {"uri": URL + "2"}
    changed = call("PUT", one(found["id"]), data={"event": "all"}).json
    assert changed == {"id": found["id"], "uri": URL + "2", "event": ["all"]}
    assert call("PUT", one(found["id"])).json == changed


def test_get_shows_the_webhook_and_never_deletes(call: Caller) -> None:
    path = one(made(call, "channel_live")["id"])
    for query in ("", "?event=channel_live"):
        assert call("GET", path + query).json["event"] == ["channel_live"]
    assert call("GET", path).status_code == 200


def test_delete_replies_an_empty_object(call: Caller) -> None:
    path = one(made(call)["id"])
    answer = call("DELETE", path)
    assert (answer.status_code, answer.json) == (200, {})
    assert call("GET", path).status_code == 404


def test_delete_with_events_unsubscribes_those_only(call: Caller) -> None:
    path = one(made(call, "channel_live,channel_stop,channel_ended")["id"])
    answer = call("DELETE", f"{path}?event=channel_live,channel_ended")
    assert (answer.status_code, answer.json) == (200, {})
    assert call("GET", path).json["event"] == ["channel_stop"]


def test_delete_with_events_in_the_body_never_deletes_more_than_those(call: Caller) -> None:
    path = one(made(call, "channel_live,channel_stop")["id"])
    call("DELETE", path, data={"event": "channel_live"})
    assert call("GET", path).json["event"] == ["channel_stop"]


def test_an_empty_list_of_events_deletes_nothing(call: Caller) -> None:
    path = one(made(call)["id"])
    assert call("DELETE", f"{path}?event=").status_code == 422
    assert call("GET", path).json["event"] == ["all"]


@pytest.mark.parametrize("gone", ["channel_live,channel_stop", "all"])
def test_a_webhook_left_with_no_event_is_deleted(call: Caller, gone: str) -> None:
    path = one(made(call, "channel_live,channel_stop")["id"])
    assert call("DELETE", f"{path}?event={gone}").json == {}
    assert call("GET", path).status_code == 404


def test_taking_one_event_from_all_leaves_the_others_that_the_dialect_knows(call: Caller) -> None:
    path = one(made(call, "all")["id"])
    call("DELETE", f"{path}?event=channel_stop")
    assert call("GET", path).json["event"] == ["channel_live", "channel_ended"]


def test_of_two_unsubscriptions_at_once_neither_is_lost(call: Caller) -> None:
    names = ["channel_live", *(f"e{number}" for number in range(4))]
    path = one(made(call, names)["id"])
    threads = [
        threading.Thread(target=call, args=("DELETE", f"{path}?event={name}")) for name in names[1:]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert call("GET", path).json["event"] == ["channel_live"]


def test_what_this_dialect_cannot_express_stays_as_it_is(call: Caller, native: Caller) -> None:
    given = {
        "url": URL,
        "name": "Mine",
        "preset": "form_callback",
        "api_key": "k",
        "method": "PUT",
        "sources": ["a"],
        "event_types": ["transcoding.finished"],
        "headers": {"X-A": "b"},
    }
    before = native("POST", "/webhooks", given).json
    assert call("GET", one(before["id"])).json["event"] == ["transcoding.finished"]
    call("PUT", one(before["id"]), {"uri": URL + "2"})
    after = native("GET", f"/webhooks/{before['id']}").json
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"url", "updated_at"}


def test_unknown_fields_are_ignored(call: Caller) -> None:
    body = {"uri": URL, "event": "all", "colour": "red", "url": "nonsense"}
    assert call("POST", ALL, body).status_code == 200


def test_basic_and_bearer_are_taken(call: Caller, native: Caller) -> None:
    assert call("GET", ALL).status_code == 200
    assert call.by(**native.headers)("GET", ALL).status_code == 200


def test_a_slash_at_the_end_changes_nothing(call: Caller) -> None:
    path = one(made(call)["id"])
    assert call("GET", path + "/").json == call("GET", path).json
    assert call("GET", ALL + "/").json["total"] == 1
