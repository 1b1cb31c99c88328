"""Callbacks of the asset and render presets, byte for byte, sent by the running product."""

from typing import Any

import pytest

from app.domain.common.clock import parse_iso
from tests.compat.customer import Customer, eventually
from tests.support.servers.receiver import Received, Receiver

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]

# The document's asset but for its comments, with a number and white space that no program writes.
ASSET = b"""{
    "id": "9328558d-e0a5-4093-b3b9-8f15ad1550d8",
    "title": "Big Buck Bunny \\u2013 V\xc3\xaddeo",
    "bytes": null,
    "type": "video",
    "video": {"progress": 1.50, "status": "Completed", "resolutions": ["240p" ,"720p"]},
    "duration": 12345678901234567890123
}"""
EDIT = {"timeline": {"tracks": []}, "output": {"format": "mp4"}}


def done(render_id: str) -> bytes:
    """The vendor document's example of a render that is done."""
    return b"""{
    "type": "edit",
    "action": "render",
    "id": "%b",
    "owner": "5ca6hu7s9k",
    "status": "done",
    "url": "https://cdn.example.com/%b.mp4",
    "error": null,
    "completed": "2020-02-24T11:52:20.810Z"
}""" % (render_id.encode(), render_id.encode())


def create_asset_webhook(customer: Customer, url: str) -> str:
    collection = f"/api/v1/{customer.organization_id}/webhooks/"
    fields = {"url": url, "secret_token": "abcdef"}
    webhook_id: str = customer("POST", collection, json=fields)["id"]
    return webhook_id


def submit(customer: Customer, **more: Any) -> str:
    render_id: str = customer("POST", "/edit/v1/render", json=EDIT | more)["response"]["id"]
    return render_id


def named(request: Received, *names: str) -> list[str | None]:
    return [request.header(name) for name in names]


def test_an_assets_json_is_sent_byte_for_byte_with_its_token(
    customer: Customer, receiver: Receiver
) -> None:
    create_asset_webhook(customer, receiver.url + "/hook?kept=1")
    customer.publish("asset.status_changed", ASSET)
    [request] = receiver.wait_for(1)
    assert (request.method, request.path, request.query) == ("POST", "/hook", "kept=1")
    assert named(request, "content-type", "x-streams-token") == ["application/json", "abcdef"]
    assert request.body == ASSET


def test_every_change_of_an_asset_is_sent_and_a_retry_is_the_same(
    customer: Customer, receiver: Receiver
) -> None:
    receiver.respond(503, times=1)
    create_asset_webhook(customer, receiver.url)
    published = customer.publish("asset.status_changed", ASSET)
    receiver.wait_for(1)
    customer.publish("anything.else", b'{"status":"Error"}')
    first, other, again = receiver.wait_for(3, 15)
    assert other.body == b'{"status":"Error"}'
    assert (again.body, again.at - first.at > 4.5) == (ASSET, True)
    assert named(first, "x-callboard-attempt", "webhook-id")[0] == "1"
    assert named(again, "x-callboard-attempt", "x-streams-token") == ["2", "abcdef"]
    eventually(lambda: customer.delivery(published)["state"] == "succeeded")


def test_a_webhook_may_be_limited_to_sources(customer: Customer, receiver: Receiver) -> None:
    unlimited = create_asset_webhook(customer, receiver.url + "/all")
    limited = create_asset_webhook(customer, receiver.url + "/limited")
    customer("PATCH", f"/api/v1/webhooks/{limited}", json={"sources": ["camera-1", "camera-2"]})
    selected = [
        {delivery["webhook_id"] for delivery in published["deliveries"]}
        for source in ("camera-1", "camera-2", "camera-3")
        for published in [customer.publish("asset.status_changed", b"{}", source=source)]
    ]
    assert selected == [{unlimited, limited}, {unlimited, limited}, {unlimited}]


def test_the_first_final_event_of_a_render_is_sent_to_its_callback_once(
    customer: Customer, receiver: Receiver
) -> None:
    render_id = submit(customer, callback=f"{receiver.url}/status.php?var1=foo&b=%20;x&c")
    customer.publish("render.saving", b"{}", source=render_id)
    customer.publish("render.done", done(render_id), source=render_id)
    state = customer("GET", f"/edit/v1/render/{render_id}")["response"]
    assert (state["status"], state["url"]) == ("done", f"https://cdn.example.com/{render_id}.mp4")
    assert customer.publish("render.failed", b"{}", source=render_id)["deliveries"] == []
    [request] = receiver.wait_for(1)
    assert (request.method, request.path) == ("POST", "/status.php")
    assert request.query == "var1=foo&b=%20;x&c"
    assert request.body == done(render_id)
    assert named(request, "content-type") == ["application/json"]
    assert named(request, "X-Callboard-Event-Type", "X-Callboard-Attempt") == ["render.done", "1"]


def test_merge_fields_arrive_percent_encoded(customer: Customer, receiver: Receiver) -> None:
    merge = [{"find": "PARAM", "replace": "f o&o"}]
    callback = f"{receiver.url}/status.php?var={{{{PARAM}}}}}}}}"
    render_id = submit(customer, callback=callback, merge=merge)
    customer.publish("render.failed", b"{}", source=render_id)
    [request] = receiver.wait_for(1)
    assert request.query == "var=f%20o%26o%7D%7D"


@pytest.mark.parametrize(
    ("status", "state"), [(200, "succeeded"), (302, "succeeded"), (404, "retrying")]
)
def test_200_to_399_is_success_and_the_first_retry_delay_is_8_s(
    customer: Customer, receiver: Receiver, status: int, state: str
) -> None:
    receiver.respond(status, [("Location", f"{receiver.url}/elsewhere")])
    render_id = submit(customer, callback=receiver.url)
    published = customer.publish("render.done", done(render_id), source=render_id)
    eventually(lambda: customer.delivery(published)["attempt_count"] == 1)
    delivery = customer.delivery(published)
    assert delivery["state"] == state
    assert [request.path for request in receiver.requests] == ["/"]
    if state == "retrying":
        begun = parse_iso(delivery["attempts"][0]["started_at"])
        assert 7_500 < parse_iso(delivery["next_attempt_at"]) - begun < 9_500
        policy = customer("GET", f"/api/v1/webhooks/{delivery['webhook_id']}")["retry_policy"]
        assert policy == {"kind": "cubic", "max_attempts": 10, "cap_seconds": 900}


def test_a_render_farm_gets_the_edit_and_the_renders_id(
    customer: Customer, receiver: Receiver
) -> None:
    customer.webhook(
        receiver.url,
        preset="custom",
        event_types=["render.queued"],
        body_expression="{render: source, edit: payload}",
    )
    render_id = submit(customer)
    [request] = receiver.wait_for(1)
    assert request.body.startswith(b'{"render":"%b","edit":{' % render_id.encode())
