"""The callbacks of the form callback, live channel and encoding presets, byte for byte, as the
running product sends them."""

import itertools
from urllib.parse import parse_qsl

import pytest
import standardwebhooks

from tests.compat.customer import Customer, eventually
from tests.support.servers.raw_receiver import RawReceiver
from tests.support.servers.receiver import Received, Receiver

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]

FORM = "application/x-www-form-urlencoded"
CALLBACK = {
    "callback_id": "1",
    "callback_value": "https://cdn.example.com/playlist.m3u8",
    "callback_format": "video",
}
BODY = (
    b"callback_id=1&callback_value=https%3A%2F%2Fcdn.example.com%2Fplaylist.m3u8"
    b"&callback_format=video&api_key=a%20key%26"
)


def header_names(request: Received) -> list[str]:
    return [name.lower() for name, _ in request.headers]


def test_a_form_callback_is_four_keys_in_their_order_percent_encoded(
    customer: Customer, receiver: Receiver
) -> None:
    customer.form_callback(receiver.url + "/hook?kept=1")
    customer.publish("transcoding.finished", CALLBACK)
    [request] = receiver.wait_for(1)
    assert (request.method, request.path, request.query) == ("POST", "/hook", "kept=1")
    assert request.header("content-type") == FORM
    assert request.body == BODY


def test_several_asset_urls_are_joined_by_commas_and_a_comma_inside_one_becomes_2c(
    customer: Customer, receiver: Receiver
) -> None:
    urls = ["https://d/a,b.png", "https://d/thumbnail 2.png"]
    customer.form_callback(receiver.url)
    payload = {"callback_id": 7, "callback_value": urls, "callback_format": "image"}
    customer.publish("thumbnails.finished", payload)
    [request] = receiver.wait_for(1)
    [_, (_, value), kind, _] = parse_qsl(request.body.decode(), keep_blank_values=True)
    assert value == "https://d/a%2Cb.png,https://d/thumbnail 2.png"
    assert kind == ("callback_format", "image")


def test_two_events_for_one_job_make_two_callbacks(customer: Customer, receiver: Receiver) -> None:
    customer.form_callback(receiver.url)
    for kind in ("video", "image"):
        customer.publish("job.finished", CALLBACK | {"callback_format": kind})
    formats = [dict(parse_qsl(r.body.decode()))["callback_format"] for r in receiver.wait_for(2)]
    assert sorted(formats) == ["image", "video"]


@pytest.mark.parametrize("method", ["put", "DELETE", "Purge"])
def test_other_methods_carry_the_parameters_in_the_body(
    customer: Customer, receiver: Receiver, method: str
) -> None:
    customer.form_callback(receiver.url, method=method)
    customer.publish("transcoding.finished", CALLBACK)
    [request] = receiver.wait_for(1)
    assert (request.method, request.body) == (method.upper(), BODY)


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_get_head_and_options_append_them_to_the_query(
    customer: Customer, receiver: Receiver, method: str
) -> None:
    customer.form_callback(receiver.url + "/hook?kept=%20", method=method)
    customer.publish("transcoding.finished", CALLBACK)
    [request] = receiver.wait_for(1)
    assert (request.method, request.body) == (method.upper(), b"")
    assert request.query == f"kept=%20&{BODY.decode()}"
    assert "content-type" not in header_names(request)


def test_an_event_without_the_fields_does_not_match_and_says_why(
    customer: Customer,
) -> None:
    webhook_id = customer.form_callback("https://receiver.example.com/")
    event = customer.publish("channel_live", {"id": 1})
    assert event["deliveries"] == []
    [refusal] = customer("GET", f"/api/v1/events/{event['id']}")["not_chosen"]
    assert (refusal["webhook_id"], refusal["reason"]) == (webhook_id, "field")
    assert "callback_value" in refusal["detail"]


def test_a_disabled_webhook_gets_nothing(customer: Customer, receiver: Receiver) -> None:
    customer.form_callback(receiver.url + "/off", is_active=False)
    customer.form_callback(receiver.url + "/on")
    customer.publish("transcoding.finished", CALLBACK)
    assert [request.path for request in receiver.wait_for(1)] == ["/on"]


def test_an_empty_response_is_the_failure_reason_and_is_retried(
    customer: Customer,
) -> None:
    silent = RawReceiver(lambda connection: connection.read_request() and None)
    try:
        customer.form_callback(silent.url)
        published = customer.publish("transcoding.finished", CALLBACK)
        eventually(lambda: customer.delivery(published)["last_cause"] == "empty_reply")
        delivery = customer.delivery(published)
        assert (delivery["state"], delivery["attempt_count"]) == ("retrying", 1)
        assert delivery["attempts"][0]["request"]["body"]["text"] == BODY.decode()
    finally:
        silent.close()


def test_a_live_channel_gets_event_and_time_before_the_channels_own_fields(
    customer: Customer, receiver: Receiver
) -> None:
    customer("POST", "/v1/webhook", data={"uri": receiver.url, "event": "channel_live"})
    customer.publish("channel_stop", {"id": "0"})
    payload = b'{"name":"caf\xc3\xa9","viewers":1.50,"big":12345678901234567890123}'
    customer.publish("channel_live", payload)
    [request] = receiver.wait_for(1)
    assert (request.method, request.header("content-type")) == ("POST", "application/json")
    assert request.body == b'{"event":"channel_live","eventTime":1476697473034,' + payload[1:]


def test_payload_fields_never_overwrite_event_and_event_time(
    customer: Customer, receiver: Receiver
) -> None:
    customer("POST", "/v1/webhook", json={"uri": receiver.url, "event": "all"})
    customer.publish("channel_ended", {"event": "mine", "id": "5201198", "eventTime": 1})
    [request] = receiver.wait_for(1)
    want = b'{"event":"channel_ended","eventTime":1476697473034,"id":"5201198"}'
    assert request.body == want


def encoder(customer: Customer, url: str) -> str:
    fields = {"url": url, "name": "n", "encoding_finished": True}
    webhook_id: str = customer("POST", "/api/webhooks", json=fields)["data"]["webhook"]["id"]
    return webhook_id


def test_an_encoders_receiver_gets_type_and_emitted_at_and_the_payload(
    customer: Customer, receiver: Receiver
) -> None:
    encoder(customer, receiver.url)
    customer.publish("file.received", {"media_id": "0"})
    customer.publish("encoding.finished", b'{"media_id": "m", "qualities":"720p","type":"x"}')
    [request] = receiver.wait_for(1)
    assert request.header("content-type") == "application/json"
    assert request.body == (
        b'{"type":"encoding.finished","emitted_at":"2016-10-17T09:44:33.034Z",'
        b'"media_id":"m","qualities":"720p"}'
    )


def test_every_callback_is_signed_as_well(customer: Customer, receiver: Receiver) -> None:
    webhook_id = encoder(customer, receiver.url)
    customer.publish("encoding.finished", {"media_id": "m"})
    [request] = receiver.wait_for(1)
    headers = {name.lower(): value for name, value in request.headers}
    verifier = standardwebhooks.Webhook(customer.secret(webhook_id))
    assert verifier.verify(request.body, headers)["media_id"] == "m"


@pytest.mark.long
def test_an_encoders_callback_is_retried_three_times_3_s_apart_with_the_same_body(
    customer: Customer, receiver: Receiver
) -> None:
    receiver.respond(503, [("Retry-After", "60")])
    encoder(customer, receiver.url)
    published = customer.publish("encoding.finished", {"media_id": "m"})
    webhook = receiver.wait_for(4, 40)
    gaps = [later.at - earlier.at for earlier, later in itertools.pairwise(webhook)]
    assert all(2.9 < gap < 6 for gap in gaps), gaps
    assert len({request.body for request in webhook}) == 1
    assert len({request.header("webhook-id") for request in webhook}) == 1
    assert [request.header("x-callboard-attempt") for request in webhook] == ["1", "2", "3", "4"]
    eventually(lambda: customer.delivery(published)["state"] == "failed")
    assert len(receiver.requests) == 4
