"""The render dialect, section 3 of the contract."""

from typing import Any

import pytest

from app.domain.common.ids import is_id
from app.queries.events import listing as events
from tests.compat.caller import UNKNOWN_ID, URL, Caller
from tests.compat.rendering import EDIT, RENDER, callbacks, report, submit

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
    response = render("GET", f"{RENDER}/{render_id}{query}")
    assert response.status_code == 200, response.text
    assert list(response.json) == ["success", "message", "response"]
    assert (response.json["success"], response.json["message"]) == (True, "OK")
    return response.json["response"]


def test_submit_returns_201_created_with_an_id(render: Caller) -> None:
    response = render("POST", RENDER, EDIT)
    assert response.status_code == 201
    assert list(response.json) == ["success", "message", "response"]
    assert (response.json["success"], response.json["message"]) == (True, "Created")
    render = response.json["response"]
    assert list(render) == ["message", "id"]
    assert is_id(render["id"])


def test_render_queued_is_published_with_the_body_as_payload(
    render: Caller, organization: Any
) -> None:
    body = b'{ "timeline":{"a":1.10},\r\n"output": {}, "extra": 12345678901234567890123 }'
    response = render("POST", RENDER, data=body, content_type="application/json")
    [event] = events.of_source(organization.id, response.json["response"]["id"], 5)
    assert (event.type, event.payload) == ("render.queued", body)
    assert callbacks(organization) == []


def test_a_render_farm_can_match_queued_renders(
    render: Caller, native: Caller, organization: Any
) -> None:
    native("POST", "/webhooks", {"url": URL})
    farm = native("POST", "/webhooks", {"url": URL, "event_types": ["render.queued"]}).json["id"]
    [event] = events.of_source(organization.id, submit(render, callback=URL), 5)
    assert [row.delivery.webhook_id for row in events.deliveries_of(organization.id, event.id)] == [
        farm
    ]


def test_the_callback_becomes_a_one_time_webhook(render: Caller, organization: Any) -> None:
    render_id = submit(render, callback="https://my-application.com/status.php?var1=foo&var2=b")
    [row] = callbacks(organization)
    assert row.url == "https://my-application.com/status.php?var1=foo&var2=b"
    assert (row.once, row.preset, row.method) == (True, "render", "POST")
    assert (row.event_types, row.sources) == (["render.done", "render.failed"], [render_id])
    assert row.success_statuses == ["200-399"]


@pytest.mark.parametrize("type_", ["render.done", "render.failed"])
def test_the_first_final_event_of_this_render_uses_the_callback(
    render: Caller, organization: Any, type_: str
) -> None:
    render_id = submit(render, callback=URL)
    [row] = callbacks(organization)
    assert report(organization, UNKNOWN_ID, type_).deliveries == ()
    assert report(organization, render_id, "render.saving").deliveries == ()
    [delivery] = report(organization, render_id, type_, **DONE).deliveries
    assert delivery.webhook_id == row.id
    assert report(organization, render_id, type_).deliveries == ()


def test_merge_fields_in_the_callback_are_replaced_and_a_stray_brace_is_kept(
    render: Caller, organization: Any
) -> None:
    url = "https://my-application.com/status.php?var={{PARAM}}}}&n={{N}}&on={{ON}}"
    merge = [
        {"find": "PARAM", "replace": "f/o o"},
        {"find": "N", "replace": 12},
        {"find": "ON", "replace": True},
        {"find": "UNUSED", "replace": {"text": ["a"]}, "note": "passed over"},
    ]
    submit(render, callback=url, merge=merge)
    [row] = callbacks(organization)
    expected = "https://my-application.com/status.php?var=f%2Fo%20o%7D%7D&n=12&on=true"
    assert row.url == expected


def test_the_status_is_queued_until_the_farm_reports_another(
    render: Caller, organization: Any
) -> None:
    render_id = submit(render)
    webhook = state(render, render_id)
    assert list(webhook) == [
        "id", "owner", "status", "url", "error", "data", "created", "updated"
    ]  # fmt: skip
    assert (webhook["id"], webhook["status"]) == (render_id, "queued")
    assert webhook["owner"] == organization.id
    assert (webhook["url"], webhook["error"]) == ("", "")
    assert webhook["data"] == EDIT
    assert webhook["created"] == webhook["updated"]


@pytest.mark.parametrize("status", ["fetching", "rendering", "saving", "done", "failed"])
def test_the_status_comes_from_the_latest_event(
    render: Caller, organization: Any, status: str
) -> None:
    render_id = submit(render)
    report(organization, render_id, "render.fetching")
    report(organization, render_id, f"render.{status}", id=render_id)
    report(organization, render_id, "invoice.written", sum=1)
    assert state(render, render_id)["status"] == status


def test_the_result_comes_from_the_payload_of_the_final_event(
    render: Caller, organization: Any
) -> None:
    render_id = submit(render)
    more = {"renderTime": 9433.44, "poster": None, "duration": 8.5, "plan": 7}
    report(organization, render_id, "render.done", **(DONE | more))
    webhook = state(render, render_id)
    assert webhook["url"] == DONE["url"]
    assert webhook["owner"] == "5ca6hu7s9k"
    assert webhook["error"] == ""
    assert (webhook["renderTime"], webhook["duration"]) == (9433.44, 8.5)
    assert webhook.keys().isdisjoint({"poster", "plan"})
    report(organization, render_id, "render.failed", status="failed", error="Not found.")
    webhook = state(render, render_id)
    assert (webhook["status"], webhook["error"], webhook["url"]) == ("failed", "Not found.", "")


def test_the_payloads_status_counts_for_a_farms_own_event_types(
    render: Caller, organization: Any
) -> None:
    render_id = submit(render, status="done")
    assert state(render, render_id)["status"] == "queued"
    report(organization, render_id, "job.changed", status="rendering")
    assert state(render, render_id)["status"] == "rendering"


def test_the_edit_is_returned_byte_for_byte_unless_data_is_false(render: Caller) -> None:
    body = b'{"timeline": {"a": 1.10, "b": 1e999}, "output": {}}'
    response = render("POST", RENDER, data=body, content_type="application/json")
    path = f"{RENDER}/{response.json['response']['id']}"
    assert b'"data":' + body in render("GET", path).data
    assert b"timeline" not in render("GET", f"{path}?data=false").data


def test_bearer_and_basic_work_as_well_as_x_api_key(call: Caller, api_key: Any) -> None:
    for caller in (call, call.by(Authorization=f"Bearer {api_key.key}")):
        assert caller("POST", RENDER, EDIT).status_code == 201


def test_the_stage_environment_works_too(render: Caller) -> None:
    response = render("POST", "/edit/stage/render", EDIT)
    assert response.status_code == 201
    assert render("GET", f"/edit/stage/render/{response.json['response']['id']}").status_code == 200
