"""End to end: events posted to the running product, requests that a receiver gets."""

import contextlib
import http.client
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest
import redis
import requests
from standardwebhooks import Webhook

from app.runtime.configuration.redis_url import redis_url
from tests.acceptance.conftest import Tenant
from tests.support.product import Product
from tests.support.servers.receiver import Received, Receiver
from tests.support.waiting import eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]

AT = "2026-02-24T11:52:20.810Z"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
# Spaces, an escape and a number above double precision, all of which JSON libraries change.
PAYLOAD = '{ "id":"a-1", "title":"Gr\\u00fc\\u00dfe", "bytes":9007199254740993, "rate":1.50 }'
CALLBACK = (
    '{"callback_id":"42","callback_value":["https://cdn.test/a b.png","https://cdn.test/1,2.png"],'
    '"callback_format":"image"}'
)
PRESETS = {
    "form_callback": (
        "thumbnails.finished",
        CALLBACK,
        FORM,
        (
            "callback_id=42&callback_value=https%3A%2F%2Fcdn.test%2Fa%20b.png%2C"
            "https%3A%2F%2Fcdn.test%2F1%252C2.png&callback_format=image&api_key=k%26y"
        ),
    ),
    "live_channel": (
        "channel_live",
        PAYLOAD,
        JSON,
        '{"event":"channel_live","eventTime":1771933940810,' + PAYLOAD[1:],
    ),
    "asset": ("asset.status_changed", PAYLOAD, JSON, PAYLOAD),
    "render": ("render.done", PAYLOAD, JSON, PAYLOAD),
    "encoding": (
        "encoding.finished",
        PAYLOAD,
        JSON,
        '{"type":"encoding.finished","emitted_at":"' + AT + '",' + PAYLOAD[1:],
    ),
    "standard": (
        "order.paid",
        PAYLOAD,
        JSON,
        '{"type":"order.paid","timestamp":"' + AT + '","data":' + PAYLOAD + "}",
    ),
}


def _event(event_type: str, payload: str) -> str:
    return f'{{"type":"{event_type}","occurred_at":"{AT}","payload":{payload}}}'


def _is_signed(request: Received, secret: str) -> bool:
    """Verify with the public Standard Webhooks library."""
    Webhook(secret).verify(request.body, dict(request.headers), json_parse=False)
    return True


@pytest.fixture(params=list(PRESETS))
def preset(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_each_preset_sends_its_exact_signed_bytes(
    tenant: Tenant, receiver: Receiver, preset: str
) -> None:
    event_type, payload, content_type, body = PRESETS[preset]
    webhook_id = tenant.webhook(
        url=f"{receiver.url}/hook?tenant=7", preset=preset, api_key="k&y", secret_token="t0ken"
    )
    [delivery] = tenant.publish(_event(event_type, payload))["deliveries"]
    [sent] = receiver.wait_for(1)
    assert (sent.method, sent.path, sent.query) == ("POST", "/hook", "tenant=7")
    assert sent.header("Content-Type") == content_type
    assert sent.body.decode() == body
    assert sent.header("webhook-id") == f"msg_{delivery['id']}"
    assert sent.header("X-Callboard-Attempt") == "1"
    assert _is_signed(sent, tenant.secret(webhook_id))
    token = "x-streams-token" if preset == "asset" else "X-Callboard-Token"
    assert sent.header(token) == "t0ken"


def test_a_get_appends_parameters_to_the_url(tenant: Tenant, receiver: Receiver) -> None:
    tenant.webhook(url=f"{receiver.url}/?tenant=7", preset="form_callback", method="GET")
    tenant.publish(_event("thumbnails.finished", CALLBACK))
    [sent] = receiver.wait_for(1)
    assert (sent.method, sent.body) == ("GET", b"")
    assert sent.query.startswith("tenant=7&callback_id=42&callback_value=https%3A%2F%2Fcdn.test")


def test_retries_follow_the_schedule(tenant: Tenant, receiver: Receiver) -> None:
    receiver.respond(503, body=b"busy", times=2)
    tenant.webhook(
        url=receiver.url,
        retry_policy={"kind": "schedule", "delays_seconds": [1, 2, 60]},
    )
    [created] = tenant.publish(_event("encoding.finished", PAYLOAD))["deliveries"]
    sent = receiver.wait_for(3)
    assert {request.header("webhook-id") for request in sent} == {f"msg_{created['id']}"}
    assert [request.header("X-Callboard-Attempt") for request in sent] == ["1", "2", "3"]
    assert {request.body for request in sent} == {sent[0].body}
    waits = [later.at - earlier.at for earlier, later in pairwise(sent)]
    # Within a second of the schedule, with a margin for a busy machine.
    assert [pytest.approx(wait, abs=0.75) for wait in waits] == [1.5, 2.5]
    [record] = tenant.wait_until_done(1)
    delivery = tenant.call("GET", f"/deliveries/{record['id']}")
    attempts = delivery["attempts"]
    assert [attempt["number"] for attempt in attempts] == [1, 2, 3]
    assert [attempt["status"] for attempt in attempts] == [503, 503, 200]


def _publish_sequentially(tenant: Tenant, count: int) -> set[str]:
    """Publish sequentially over one connection; returns the ids of the deliveries."""
    connection = http.client.HTTPConnection("127.0.0.1", tenant.product.port, timeout=45)
    headers = {"Authorization": f"Bearer {tenant.key}", "Content-Type": "application/json"}
    ids = set()
    for n in range(count):
        body = f'{{"type":"encoding.started","payload":{{"n":{n}}}}}'
        connection.request("POST", "/api/v1/events", body, headers)
        response = connection.getresponse()
        accepted = json.load(response)
        assert response.status == 202, accepted
        ids.add(accepted["deliveries"][0]["id"])
    connection.close()
    return ids


@pytest.mark.parametrize("count", [300, pytest.param(2_000, marks=pytest.mark.long)])
def test_many_events_arrive_once_and_are_recorded(
    tenant: Tenant, receiver: Receiver, count: int
) -> None:
    tenant.webhook(url=receiver.url, preset="encoding")
    accepted = _publish_sequentially(tenant, count)
    receiver.wait_for(count, 60)
    done = tenant.wait_until_done(count)
    assert {record["id"] for record in done} == accepted
    assert {record["attempt_count"] for record in done} == {1}
    arrived = Counter(request.header("X-Callboard-Delivery-Id") for request in receiver.requests)
    assert arrived == Counter(accepted)


def test_the_metrics_of_the_web_cover_the_workers(tenant: Tenant, receiver: Receiver) -> None:
    tenant.webhook(url=receiver.url, preset="encoding")
    before = _attempts(tenant)
    tenant.publish(_event("encoding.finished", PAYLOAD))
    tenant.wait_until_done(1)
    eventually(lambda: _attempts(tenant) == before + 1)


def _attempts(tenant: Tenant) -> float:
    text = requests.get(f"{tenant.product.url}/metrics", timeout=45).text
    succeeded = re.search(
        r'^callboard_attempts_total\{cause="ok",outcome="succeeded"\} (\S+)$', text, re.MULTILINE
    )
    return float(succeeded[1]) if succeeded else 0.0


@contextlib.contextmanager
def _busy(tenant: Tenant, receiver: Receiver, count: int) -> Iterator[None]:
    """Publish in the background during the block; it starts once deliveries are in flight."""
    receiver.respond(200, delay=0.05)
    tenant.webhook(url=receiver.url, preset="encoding", max_in_flight=10)
    tenant.publish_many(count // 2)
    receiver.wait_for(20)
    publisher = threading.Thread(target=tenant.publish_many, args=(count // 2,))
    publisher.start()
    try:
        yield
    finally:
        publisher.join()


def _all_arrived(tenant: Tenant, receiver: Receiver, count: int) -> Counter[str | None]:
    done = tenant.wait_until_done(count, 90)
    arrived = Counter(request.header("X-Callboard-Delivery-Id") for request in receiver.requests)
    assert {record["id"] for record in done} == set(arrived)
    return arrived


def test_killing_a_worker_loses_nothing(tenant: Tenant, receiver: Receiver) -> None:
    with _busy(tenant, receiver, 400):
        victim = tenant.product.process_of("worker.py")
        victim.kill()
    arrived = _all_arrived(tenant, receiver, 400)
    # Only requests in flight may be repeated.
    assert sum(arrived.values()) - 400 <= 40
    assert receiver.requests[-1].header("X-Callboard-Attempt") in ("1", "2")


def test_flushing_redis_loses_and_repeats_nothing(tenant: Tenant, receiver: Receiver) -> None:
    url = redis_url("", tenant.product.data_dir, {})
    with redis.Redis.from_url(url) as client, _busy(tenant, receiver, 400):
        client.flushall()
    arrived = _all_arrived(tenant, receiver, 400)
    assert set(arrived.values()) == {1}


def test_killing_redis_loses_and_repeats_nothing(tenant: Tenant, receiver: Receiver) -> None:
    with _busy(tenant, receiver, 400):
        tenant.product.process_of("redis").kill()
    arrived = _all_arrived(tenant, receiver, 400)
    assert set(arrived.values()) == {1}


def test_events_accepted_before_a_power_cut_are_sent_after_it(
    tenant: Tenant, product: Product, receiver: Receiver
) -> None:
    receiver.respond(200, delay=0.05)
    tenant.webhook(url=receiver.url, preset="encoding", max_in_flight=5)
    tenant.publish_many(200)
    receiver.wait_for(20)
    for process in reversed(product.processes()):
        process.kill()
    assert product.process is not None
    product.process.wait(10)
    product.start(60)
    _all_arrived(tenant, receiver, 200)
