import json
from typing import Any

import pytest

from tests.api.conftest import Caller

EVENT = {"type": "encoding.finished", "source": "cam-1", "payload": {"media_id": "m", "n": 1}}


@pytest.fixture
def webhook(api: Caller) -> Any:
    return api.made("/webhooks", {"url": "https://example.com/hook"})


def test_an_event_makes_a_delivery_for_each_webhook_that_wants_it(api: Caller, webhook: Any):
    answer = api("POST", "/events", EVENT)
    assert answer.status_code == 202
    assert answer.json["type"] == "encoding.finished"
    assert answer.json["duplicate"] is False
    (made,) = answer.json["deliveries"]
    assert made["webhook_id"] == webhook["id"]
    assert made["state"] == "pending"


def test_a_repeat_under_the_same_id_is_harmless(api: Caller, webhook: Any):
    first, second = (api.made("/events", EVENT | {"id": "job-1"}) for _ in range(2))
    assert second == first | {"duplicate": True}


def test_the_header_means_the_same_as_the_id(api: Caller):
    first = api.made("/events", EVENT | {"id": "job-1"})
    answer = api("POST", "/events", EVENT, headers={"Idempotency-Key": "job-1"})
    assert answer.status_code == 202
    assert answer.json == first | {"duplicate": True}


def test_another_event_under_the_same_id_is_a_conflict(api: Caller):
    api.made("/events", EVENT | {"id": "job-1"})
    answer = api("POST", "/events", EVENT | {"id": "job-1", "payload": {}})
    assert answer.status_code == 409


def test_the_payload_comes_back_as_it_came(api: Caller):
    payload = b'{"b": 1.10, "a":9007199254740993,  "c":"\\u00e9"}'
    body = b'{"type": "a", "payload": ' + payload + b"}"
    answer = api("POST", "/events", data=body, content_type="application/json")
    shown = api("GET", f"/events/{answer.json['id']}")
    assert b'"payload":' + payload + b"," in shown.data


def test_a_batch_is_answered_in_its_order(api: Caller, webhook: Any):
    events = [EVENT | {"type": f"step.{n}"} for n in range(3)]
    done = api.made("/events/batch", {"events": events})
    assert [event["type"] for event in done["events"]] == ["step.0", "step.1", "step.2"]
    assert all(len(event["deliveries"]) == 1 for event in done["events"])


def test_a_batch_is_repeated_under_its_header_without_harm(api: Caller, webhook: Any):
    first, second = (
        api("POST", "/events/batch", {"events": [EVENT, EVENT]}, headers={"Idempotency-Key": "b-1"})
        for _ in range(2)
    )
    again = [event | {"duplicate": True} for event in first.json["events"]]
    assert (first.status_code, second.status_code) == (202, 202)
    assert second.json["events"] == again
    assert len(api("GET", "/events").json["data"]) == 2


def test_one_bad_event_refuses_the_batch_and_names_its_place(api: Caller):
    answer = api("POST", "/events/batch", {"events": [EVENT, EVENT | {"type": "a b"}]})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "events[1].type"
    assert api("GET", "/events").json["data"] == []


def test_a_batch_may_be_larger_than_an_event(api: Caller):
    event = {"type": "a", "payload": {"a": "x" * 900_000}}
    assert api("POST", "/events/batch", {"events": [event, event]}).status_code == 202


def test_a_batch_over_its_limit_is_refused(api: Caller):
    body = b'{"events": [' + b" " * (16 << 20) + b"]}"
    answer = api("POST", "/events/batch", data=body, content_type="application/json")
    assert answer.status_code == 413


def test_events_are_listed_newest_first_and_go_on_by_cursor(api: Caller):
    made = [api.made("/events", EVENT)["id"] for _ in range(3)]
    first = api("GET", "/events?limit=2").json
    assert [event["id"] for event in first["data"]] == [made[2], made[1]]
    second = api("GET", f"/events?limit=2&cursor={first['next_cursor']}").json
    assert [event["id"] for event in second["data"]] == [made[0]]
    assert second["next_cursor"] is None


FILTERED = [
    ("type=encoding.finished", 1),
    ("type=other", 0),
    ("source=cam-1", 1),
    ("source=cam-2", 0),
    ("since=2020-01-01T00:00:00Z", 1),
    ("since=2199-01-01T00:00:00Z", 0),
    ("until=2020-01-01T00:00:00Z", 0),
    ("q=media_id", 1),
    ("q=nowhere", 0),
]


def test_events_are_filtered(api: Caller) -> None:
    api.made("/events", EVENT)
    for query, count in FILTERED:
        assert len(api("GET", f"/events?{query}").json["data"]) == count, query


def test_an_event_is_shown_with_its_deliveries(api: Caller, webhook: Any):
    made = api.made("/events", EVENT | {"id": "job-1", "occurred_at": "2026-02-24T11:52:20.81Z"})
    shown = api("GET", f"/events/{made['id']}").json
    assert shown["producer_id"] == "job-1"
    assert shown["occurred_at"] == "2026-02-24T11:52:20.810Z"
    assert shown["payload"] == EVENT["payload"]
    assert [d["id"] for d in shown["deliveries"]] == [made["deliveries"][0]["id"]]
    assert shown["not_chosen"] == []


@pytest.mark.parametrize(
    ("narrowed", "reason"),
    [
        ({"event_types": ["other"]}, "event_type"),
        ({"sources": ["cam-2"]}, "source"),
        ({"filter": "payload.n == `2`"}, "filter"),
        ({"preset": "form_callback"}, "field"),
    ],
)
def test_an_event_says_why_a_webhook_was_not_chosen(
    api: Caller, narrowed: dict[str, Any], reason: str
):
    webhook = api.made("/webhooks", {"url": "https://example.com/hook", **narrowed})
    made = api.made("/events", EVENT)
    assert made["deliveries"] == []
    (refused,) = api("GET", f"/events/{made['id']}").json["not_chosen"]
    assert (refused["webhook_id"], refused["reason"]) == (webhook["id"], reason)
    assert refused["detail"]


def test_another_organizations_event_is_the_404_of_one_that_is_not_there(
    api: Caller, stranger: Caller
):
    made = api.made("/events", EVENT)
    theirs = stranger("GET", f"/events/{made['id']}")
    nothing = stranger("GET", "/events/0198c7a2-7c1e-7000-8000-2f6b1f9d3c11")
    assert theirs.status_code == nothing.status_code == 404
    assert theirs.json | {"request_id": ""} == nothing.json | {"request_id": ""}
    assert stranger("GET", "/events").json["data"] == []


def test_a_callback_goes_to_its_own_address(api: Caller):
    event = EVENT | {
        "callback": "https://example.com/done?job={{JOB}}",
        "merge": [{"find": "JOB", "replace": "a b"}],
    }
    made = api.made("/events", event)
    (delivery,) = made["deliveries"]
    shown = api("GET", f"/deliveries/{delivery['id']}").json
    assert shown["url"] == "https://example.com/done?job=a%20b"


@pytest.mark.parametrize("occurred_at", ["1970-01-01T00:00:00Z", "2199-12-31T23:59:59.999-23:59"])
def test_the_times_at_the_edges_are_shown(api: Caller, occurred_at: str):
    answer = api("POST", "/events", EVENT | {"occurred_at": occurred_at})
    if answer.status_code == 202:
        assert api("GET", f"/events/{answer.json['id']}").status_code == 200
    else:
        assert answer.status_code == 422


def test_posting_answers_in_json_of_the_described_form(api: Caller):
    answer = api("POST", "/events", EVENT)
    assert answer.content_type == "application/json"
    assert list(json.loads(answer.data)) == ["id", "type", "deliveries", "duplicate"]
