"""The whole path: events posted to the running product, deliveries that a receiver gets."""

import contextlib
import http.client
import json
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest
import redis
from standardwebhooks import Webhook

from tests.acceptance.conftest import Tenant
from tests.support.product import Product
from tests.support.receiver import Received, Receiver

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]

AT = "2026-02-24T11:52:20.810Z"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
# What JSON libraries would write otherwise: spaces, an escape, a number beyond a double.
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
    """As a public library judges it."""
    Webhook(secret).verify(request.body, dict(request.headers), json_parse=False)
    return True


@pytest.fixture(params=list(PRESETS))
def preset(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_each_preset_sends_exactly_its_bytes_signed(
    tenant: Tenant, receiver: Receiver, preset: str
) -> None:
    event_type, payload, content_type, body = PRESETS[preset]
    webhook_id = tenant.webhook(
        url=f"{receiver.url}/hook?tenant=7", preset=preset, api_key="k&y", secret_token="t0ken"
    )
    answer = tenant.publish(_event(event_type, payload))
    [made] = answer["deliveries"]
    [sent] = receiver.wait_for(1)
    assert (sent.method, sent.path, sent.query) == ("POST", "/hook", "tenant=7")
    assert sent.header("Content-Type") == content_type
    assert sent.body.decode() == body
    assert sent.header("webhook-id") == f"msg_{made['id']}"
    assert sent.header("X-Callboard-Attempt") == "1"
    assert _is_signed(sent, tenant.secret(webhook_id))
    token = "x-streams-token" if preset == "asset" else "X-Callboard-Token"
    assert sent.header(token) == "t0ken"


def test_a_get_carries_the_parameters_after_the_urls_own(
    tenant: Tenant, receiver: Receiver
) -> None:
    tenant.webhook(url=f"{receiver.url}/?tenant=7", preset="form_callback", method="GET")
    tenant.publish(_event("thumbnails.finished", CALLBACK))
    [sent] = receiver.wait_for(1)
    assert (sent.method, sent.body) == ("GET", b"")
    assert sent.query.startswith("tenant=7&callback_id=42&callback_value=https%3A%2F%2Fcdn.test")


def test_after_two_failures_a_third_attempt_comes_on_schedule(
    tenant: Tenant, receiver: Receiver
) -> None:
    receiver.answer(503, body=b"busy", times=2)
    tenant.webhook(
        url=receiver.url,
        retry_policy={"kind": "schedule", "delays_seconds": [1, 2, 60]},
    )
    [made] = tenant.publish(_event("encoding.finished", PAYLOAD))["deliveries"]
    sent = receiver.wait_for(3)
    assert {request.header("webhook-id") for request in sent} == {f"msg_{made['id']}"}
    assert [request.header("X-Callboard-Attempt") for request in sent] == ["1", "2", "3"]
    assert {request.body for request in sent} == {sent[0].body}
    waits = [later.at - earlier.at for earlier, later in pairwise(sent)]
    # Within a second of its time, and a little more where other tests have the cores.
    assert [pytest.approx(wait, abs=0.75) for wait in waits] == [1.5, 2.5]
    [record] = tenant.wait_until_done(1)
    delivery = tenant.call("GET", f"/deliveries/{record['id']}")
    attempts = delivery["attempts"]
    assert [attempt["number"] for attempt in attempts] == [1, 2, 3]
    assert [attempt["status"] for attempt in attempts] == [503, 503, 200]


def _post_one_by_one(tenant: Tenant, count: int) -> set[str]:
    """As fast as one client can, over one connection; the ids of the deliveries."""
    connection = http.client.HTTPConnection("127.0.0.1", tenant.product.port, timeout=30)
    headers = {"Authorization": f"Bearer {tenant.key}", "Content-Type": "application/json"}
    made = set()
    for n in range(count):
        body = f'{{"type":"encoding.started","payload":{{"n":{n}}}}}'
        connection.request("POST", "/api/v1/events", body, headers)
        response = connection.getresponse()
        answer = json.load(response)
        assert response.status == 202, answer
        made.add(answer["deliveries"][0]["id"])
    connection.close()
    return made


def test_two_thousand_events_all_arrive_once_and_are_recorded(
    tenant: Tenant, receiver: Receiver
) -> None:
    count = 2_000
    tenant.webhook(url=receiver.url, preset="encoding")
    accepted = _post_one_by_one(tenant, count)
    receiver.wait_for(count, 60)
    done = tenant.wait_until_done(count)
    assert {record["id"] for record in done} == accepted
    assert {record["attempt_count"] for record in done} == {1}
    arrived = Counter(request.header("X-Callboard-Delivery-Id") for request in receiver.requests)
    assert arrived == Counter(accepted)


@contextlib.contextmanager
def _busy(tenant: Tenant, receiver: Receiver, count: int) -> Iterator[None]:
    """Publishes while the block does its damage; it begins when deliveries are on the way."""
    receiver.answer(200, delay=0.05)
    tenant.webhook(url=receiver.url, preset="encoding", max_in_flight=10)
    tenant.publish_many(count // 2)
    receiver.wait_for(20)
    rest = threading.Thread(target=tenant.publish_many, args=(count // 2,))
    rest.start()
    try:
        yield
    finally:
        rest.join()


def _all_arrived(tenant: Tenant, receiver: Receiver, count: int) -> Counter[str | None]:
    done = tenant.wait_until_done(count, 90)
    arrived = Counter(request.header("X-Callboard-Delivery-Id") for request in receiver.requests)
    assert {record["id"] for record in done} == set(arrived)
    return arrived


def test_a_worker_killed_while_sending_loses_nothing(tenant: Tenant, receiver: Receiver) -> None:
    with _busy(tenant, receiver, 400):
        victim = tenant.product.process_of("worker.py")
        victim.kill()
    arrived = _all_arrived(tenant, receiver, 400)
    # Only what was under way may come again.
    assert sum(arrived.values()) - 400 <= 40
    assert receiver.requests[-1].header("X-Callboard-Attempt") in ("1", "2")


def test_redis_flushed_while_busy_loses_nothing_and_sends_nothing_twice(
    tenant: Tenant, receiver: Receiver
) -> None:
    socket = tenant.product.data_dir / "redis" / "redis.sock"
    with redis.Redis(unix_socket_path=str(socket)) as client, _busy(tenant, receiver, 400):
        client.flushall()
    arrived = _all_arrived(tenant, receiver, 400)
    assert set(arrived.values()) == {1}


def test_redis_killed_while_busy_loses_nothing_and_sends_nothing_twice(
    tenant: Tenant, receiver: Receiver
) -> None:
    with _busy(tenant, receiver, 400):
        tenant.product.process_of("redis").kill()
    arrived = _all_arrived(tenant, receiver, 400)
    assert set(arrived.values()) == {1}


def test_what_was_accepted_before_a_power_cut_is_sent_after_it(
    own_product: Product, receiver: Receiver
) -> None:
    tenant = Tenant(own_product)
    receiver.answer(200, delay=0.05)
    tenant.webhook(url=receiver.url, preset="encoding", max_in_flight=5)
    tenant.publish_many(200)
    receiver.wait_for(20)
    for process in reversed(own_product.processes()):
        process.kill()
    assert own_product.process is not None
    own_product.process.wait(10)
    own_product.start(30)
    _all_arrived(tenant, receiver, 200)
