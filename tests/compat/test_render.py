"""Section 3 of the contract, render callback: what a client of the render service finds here."""

from typing import Any

import pytest

from app.domain.common.ids import is_id
from app.queries.events import listing as events
from tests.compat.caller import NOBODY, URL, Caller
from tests.compat.rendering import EDIT, RENDER, callbacks, submitted, told

DONE = {
    "type": "edit",
    "action": "render",
    "id": "",
    "owner": "5ca6hu7s9k",
    "status": "done",
    "url": "https://cdn.example.com/a.mp4",
    "error": None,
    "completed": "2020-02-24T11:52:20.810Z",
}


def state(render: Caller, render_id: str, query: str = "") -> Any:
    answer = render("GET", f"{RENDER}/{render_id}{query}")
    assert answer.status_code == 200, answer.text
    assert list(answer.json) == ["success", "message", "response"]
    assert (answer.json["success"], answer.json["message"]) == (True, "OK")
    return answer.json["response"]


def test_submit_replies_201_created_with_an_id(render: Caller) -> None:
    answer = render("POST", RENDER, EDIT)
    assert answer.status_code == 201
    assert list(answer.json) == ["success", "message", "response"]
    assert (answer.json["success"], answer.json["message"]) == (True, "Created")
    response = answer.json["response"]
    assert list(response) == ["message", "id"]
    assert is_id(response["id"])


def test_render_queued_is_published_with_the_body_as_payload(
    render: Caller, organization: Any
) -> None:
    body = b'{ "timeline":{"a":1.10},\r\n"output": {}, "extra": 12345678901234567890123 }'
    answer = render("POST", RENDER, data=body, content_type="application/json")
    [event] = events.of_source(organization.id, answer.json["response"]["id"], 5)
    assert (event.type, event.payload) == ("render.queued", body)
    assert callbacks(organization) == []


def test_a_render_farm_subscribes_to_what_is_queued(
    render: Caller, native: Caller, organization: Any
) -> None:
    native("POST", "/webhooks", {"url": URL})
    farm = native("POST", "/webhooks", {"url": URL, "event_types": ["render.queued"]}).json["id"]
    [event] = events.of_source(organization.id, submitted(render, callback=URL), 5)
    assert [row.delivery.webhook_id for row in events.deliveries_of(organization.id, event.id)] == [
        farm
    ]


def test_a_webhook_good_once_is_made_for_the_callback(render: Caller, organization: Any) -> None:
    render_id = submitted(render, callback="https://my-application.com/status.php?var1=foo&var2=b")
    [row] = callbacks(organization)
    assert row.url == "https://my-application.com/status.php?var1=foo&var2=b"
    assert (row.once, row.preset, row.method) == (True, "render", "POST")
    assert (row.event_types, row.sources) == (["render.done", "render.failed"], [render_id])
    assert row.success_statuses == ["200-399"]


@pytest.mark.parametrize("type_", ["render.done", "render.failed"])
def test_the_first_end_of_this_render_takes_the_callback(
    render: Caller, organization: Any, type_: str
) -> None:
    render_id = submitted(render, callback=URL)
    [row] = callbacks(organization)
    assert told(organization, NOBODY, type_).deliveries == ()
    assert told(organization, render_id, "render.saving").deliveries == ()
    [delivery] = told(organization, render_id, type_, **DONE).deliveries
    assert delivery.webhook_id == row.id
    assert told(organization, render_id, type_).deliveries == ()


def test_merge_fields_are_replaced_in_the_callback_and_a_stray_brace_is_kept(
    render: Caller, organization: Any
) -> None:
    url = "https://my-application.com/status.php?var={{PARAM}}}}&n={{N}}&on={{ON}}"
    merge = [
        {"find": "PARAM", "replace": "f/o o"},
        {"find": "N", "replace": 12},
        {"find": "ON", "replace": True},
        {"find": "UNUSED", "replace": {"text": ["a"]}, "note": "passed over"},
    ]
    submitted(render, callback=url, merge=merge)
    [row] = callbacks(organization)
    wanted = "https://my-application.com/status.php?var=f%2Fo%20o%7D%7D&n=12&on=true"
    assert row.url == wanted


def test_poll_tells_queued_until_the_farm_says_more(render: Caller, organization: Any) -> None:
    render_id = submitted(render)
    found = state(render, render_id)
    assert list(found) == [
        "id", "owner", "status", "url", "error", "data", "created", "updated"
    ]  # fmt: skip
    assert (found["id"], found["status"]) == (render_id, "queued")
    assert found["owner"] == organization.id
    assert (found["url"], found["error"]) == ("", "")
    assert found["data"] == EDIT
    assert found["created"] == found["updated"]


@pytest.mark.parametrize("status", ["fetching", "rendering", "saving", "done", "failed"])
def test_poll_tells_the_state_from_the_latest_event(
    render: Caller, organization: Any, status: str
) -> None:
    render_id = submitted(render)
    told(organization, render_id, "render.fetching")
    told(organization, render_id, f"render.{status}", id=render_id)
    told(organization, render_id, "invoice.written", sum=1)
    assert state(render, render_id)["status"] == status


def test_poll_tells_what_the_payload_of_the_end_says(render: Caller, organization: Any) -> None:
    render_id = submitted(render)
    more = {"renderTime": 9433.44, "poster": None, "duration": 8.5, "plan": 7}
    told(organization, render_id, "render.done", **(DONE | more))
    found = state(render, render_id)
    assert found["url"] == DONE["url"]
    assert found["owner"] == "5ca6hu7s9k"
    assert found["error"] == ""
    assert (found["renderTime"], found["duration"]) == (9433.44, 8.5)
    assert found.keys().isdisjoint({"poster", "plan"})
    told(organization, render_id, "render.failed", status="failed", error="Not found.")
    found = state(render, render_id)
    assert (found["status"], found["error"], found["url"]) == ("failed", "Not found.", "")


def test_a_status_in_the_payload_of_a_farms_own_type_counts(
    render: Caller, organization: Any
) -> None:
    render_id = submitted(render, status="done")
    assert state(render, render_id)["status"] == "queued"
    told(organization, render_id, "job.changed", status="rendering")
    assert state(render, render_id)["status"] == "rendering"


def test_the_edit_is_shown_as_it_came_unless_data_is_false(render: Caller) -> None:
    body = b'{"timeline": {"a": 1.10, "b": 1e999}, "output": {}}'
    answer = render("POST", RENDER, data=body, content_type="application/json")
    path = f"{RENDER}/{answer.json['response']['id']}"
    assert b'"data":' + body in render("GET", path).data
    assert b"timeline" not in render("GET", f"{path}?data=false").data


def test_bearer_and_basic_do_as_well_as_x_api_key(call: Caller, api_key: Any) -> None:
    for caller in (call, call.by(Authorization=f"Bearer {api_key.key}")):
        assert caller("POST", RENDER, EDIT).status_code == 201


def test_the_stage_environment_is_served_too(render: Caller) -> None:
    answer = render("POST", "/edit/stage/render", EDIT)
    assert answer.status_code == 201
    assert render("GET", f"/edit/stage/render/{answer.json['response']['id']}").status_code == 200
