import json
from typing import Any

import pytest

from tests.api.conftest import Caller

EVENT = {"type": "encoding.finished", "source": "cam-1", "payload": {"media_id": "m", "n": 1}}


@pytest.fixture
def webhook(api: Caller) -> Any:
    return api.post("/webhooks", {"url": "https://example.com/hook"})


def test_an_event_creates_a_delivery_for_each_matching_webhook(api: Caller, webhook: Any):
    response = api("POST", "/events", EVENT)
    assert response.status_code == 202
    assert response.json["type"] == "encoding.finished"
    assert response.json["duplicate"] is False
    (created,) = response.json["deliveries"]
    assert created["webhook_id"] == webhook["id"]
    assert created["state"] == "pending"


def test_repeating_an_event_id_creates_nothing(api: Caller, webhook: Any):
    first, second = (api.post("/events", EVENT | {"id": "job-1"}) for _ in range(2))
    assert second == first | {"duplicate": True}


def test_the_idempotency_key_is_the_same_as_the_id(api: Caller):
    first = api.post("/events", EVENT | {"id": "job-1"})
    response = api("POST", "/events", EVENT, headers={"Idempotency-Key": "job-1"})
    assert response.status_code == 202
    assert response.json == first | {"duplicate": True}


def test_a_different_event_with_the_same_id_is_a_conflict(api: Caller):
    api.post("/events", EVENT | {"id": "job-1"})
    response = api("POST", "/events", EVENT | {"id": "job-1", "payload": {}})
    assert response.status_code == 409


def test_the_payload_is_returned_byte_for_byte(api: Caller):
    payload = b'{"b": 1.10, "a":9007199254740993,  "c":"\\u00e9"}'
    body = b'{"type": "a", "payload": ' + payload + b"}"
    response = api("POST", "/events", data=body, content_type="application/json")
    shown = api("GET", f"/events/{response.json['id']}")
    assert b'"payload":' + payload + b"," in shown.data


def test_a_batch_response_has_the_order_of_the_request(api: Caller, webhook: Any):
    events = [EVENT | {"type": f"step.{n}"} for n in range(3)]
    done = api.post("/events/batch", {"events": events})
    assert [event["type"] for event in done["events"]] == ["step.0", "step.1", "step.2"]
    assert all(len(event["deliveries"]) == 1 for event in done["events"])


def test_repeating_a_batch_with_the_same_key_creates_nothing(api: Caller, webhook: Any):
    first, second = (
        api("POST", "/events/batch", {"events": [EVENT, EVENT]}, headers={"Idempotency-Key": "b-1"})
        for _ in range(2)
    )
    again = [event | {"duplicate": True} for event in first.json["events"]]
    assert (first.status_code, second.status_code) == (202, 202)
    assert second.json["events"] == again
    assert len(api("GET", "/events").json["data"]) == 2


def test_one_invalid_event_rejects_the_batch_and_its_index_is_named(api: Caller):
    response = api("POST", "/events/batch", {"events": [EVENT, EVENT | {"type": "a b"}]})
    assert response.status_code == 422
    assert response.json["errors"][0]["field"] == "events[1].type"
    assert api("GET", "/events").json["data"] == []


def test_a_batch_may_be_larger_than_an_event(api: Caller):
    event = {"type": "a", "payload": {"a": "x" * 900_000}}
    assert api("POST", "/events/batch", {"events": [event, event]}).status_code == 202


def test_a_batch_over_its_limit_is_rejected(api: Caller):
    body = b'{"events": [' + b" " * (16 << 20) + b"]}"
    response = api("POST", "/events/batch", data=body, content_type="application/json")
    assert response.status_code == 413


def test_events_are_listed_newest_first_with_a_cursor(api: Caller):
    created = [api.post("/events", EVENT)["id"] for _ in range(3)]
    first = api("GET", "/events?limit=2").json
    assert [event["id"] for event in first["data"]] == [created[2], created[1]]
    second = api("GET", f"/events?limit=2&cursor={first['next_cursor']}").json
    assert [event["id"] for event in second["data"]] == [created[0]]
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
    api.post("/events", EVENT)
    for query, count in FILTERED:
        assert len(api("GET", f"/events?{query}").json["data"]) == count, query


def test_an_event_is_shown_with_its_deliveries(api: Caller, webhook: Any):
    created = api.post("/events", EVENT | {"id": "job-1", "occurred_at": "2026-02-24T11:52:20.81Z"})
    shown = api("GET", f"/events/{created['id']}").json
    assert shown["producer_id"] == "job-1"
    assert shown["occurred_at"] == "2026-02-24T11:52:20.810Z"
    assert shown["payload"] == EVENT["payload"]
    assert [d["id"] for d in shown["deliveries"]] == [created["deliveries"][0]["id"]]
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
def test_an_event_shows_why_a_webhook_did_not_match(
    api: Caller, narrowed: dict[str, Any], reason: str
):
    webhook = api.post("/webhooks", {"url": "https://example.com/hook", **narrowed})
    created = api.post("/events", EVENT)
    assert created["deliveries"] == []
    (refused,) = api("GET", f"/events/{created['id']}").json["not_chosen"]
    assert (refused["webhook_id"], refused["reason"]) == (webhook["id"], reason)
    assert refused["detail"]


def test_an_event_of_another_organization_looks_like_an_unknown_one(api: Caller, stranger: Caller):
    created = api.post("/events", EVENT)
    other = stranger("GET", f"/events/{created['id']}")
    unknown = stranger("GET", "/events/0198c7a2-7c1e-7000-8000-2f6b1f9d3c11")
    assert other.status_code == unknown.status_code == 404
    assert other.json | {"request_id": ""} == unknown.json | {"request_id": ""}
    assert stranger("GET", "/events").json["data"] == []


def test_a_one_off_callback_goes_to_its_own_url(api: Caller):
    event = EVENT | {
        "callback": "https://example.com/done?job={{JOB}}",
        "merge": [{"find": "JOB", "replace": "a b"}],
    }
    created = api.post("/events", event)
    (delivery,) = created["deliveries"]
    shown = api("GET", f"/deliveries/{delivery['id']}").json
    assert shown["url"] == "https://example.com/done?job=a%20b"


@pytest.mark.parametrize("occurred_at", ["1970-01-01T00:00:00Z", "2199-12-31T23:59:59.999-23:59"])
def test_the_earliest_and_latest_times_are_shown_or_rejected(api: Caller, occurred_at: str):
    response = api("POST", "/events", EVENT | {"occurred_at": occurred_at})
    if response.status_code == 202:
        assert api("GET", f"/events/{response.json['id']}").status_code == 200
    else:
        assert response.status_code == 422


def test_the_response_to_a_post_has_the_described_fields(api: Caller):
    response = api("POST", "/events", EVENT)
    assert response.content_type == "application/json"
    fields = ["id", "type", "deliveries", "duplicate", "schema_mismatches"]
    assert list(json.loads(response.data)) == fields


def test_events_and_deliveries_are_listed_by_an_id_in_the_payload(api: Caller, webhook: Any):
    wanted = api.post("/events", EVENT | {"payload": {"asset": {"id": "Asset-1"}}})
    api.post("/events", EVENT)
    [event] = api("GET", "/events?value=asset-1").json["data"]
    assert event["id"] == wanted["id"]
    [delivery] = api("GET", "/deliveries?value=asset-1&state=pending").json["data"]
    assert delivery["event_id"] == wanted["id"]
    assert api("GET", "/events?value=asset").json["data"] == []
    cancelled = api("POST", "/deliveries/cancel", {"value": "asset-1"})
    assert cancelled.json == {"count": 1, "dry_run": False}


@pytest.mark.parametrize("value", ["", "two+words", "x" * 129])
@pytest.mark.parametrize("path", ["/events", "/deliveries"])
def test_a_value_that_no_index_has_is_refused(api: Caller, path: str, value: str):
    response = api("GET", f"{path}?value={value}")
    assert response.status_code == 422
    assert response.json["errors"][0]["field"] == "value"
    assert "1 to 128 characters without spaces" in response.text


def test_a_key_that_cannot_read_payloads_cannot_probe_their_values(
    api: Caller, platform: Caller, organization: Any
):
    wanted = api.post("/events", EVENT | {"payload": {"asset_id": "asset-1"}})
    keys = f"/organizations/{organization.id}/api-keys"
    key = platform.post(keys, {"name": "a", "scopes": ["events:write"]})["key"]
    writer = Caller(api.client, {"Authorization": f"Bearer {key}"})
    for path in (f"/events/{wanted['id']}", "/events?value=asset-1", "/deliveries?value=asset-1"):
        assert writer("GET", path).status_code == 403
