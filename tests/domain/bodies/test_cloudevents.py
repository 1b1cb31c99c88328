"""CloudEvents as the package of their own project reads them."""

import json
from datetime import UTC, datetime

import pytest
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.v1.event import CloudEvent

from app.domain.bodies.formats import BodySpec
from app.domain.deliveries.composing import Composed, Composer
from tests.domain.facts import AT, event, webhook

MODES = ("cloudevents", "cloudevents_binary")
PAYLOAD = '{"n": 1.10, "title": "Đường"}'


def composed(format_: str, **more: str) -> Composed:
    facts = webhook(format_, body=BodySpec(format_), method=more.pop("method", "POST"))
    return Composer(facts).compose(event(PAYLOAD, **more), "d-1", 1, AT)


def received(format_: str, **more: str) -> BaseCloudEvent:
    request = composed(format_, **more)
    return from_http_event(HTTPMessage(dict(request.headers), request.body))


@pytest.mark.parametrize("format_", MODES)
def test_a_receiver_gets_all_attributes_and_the_payload(format_):
    cloud_event = received(format_, source="camera-1")
    assert isinstance(cloud_event, CloudEvent)
    assert cloud_event.get_attributes() | {"datacontenttype": "application/json"} == {
        "specversion": "1.0",
        "id": event().id,
        "source": "camera-1",
        "type": "encoding.started",
        "time": datetime(2016, 10, 17, 9, 44, 33, 34_000, UTC),
        "datacontenttype": "application/json",
    }
    assert cloud_event.get_data() == json.loads(PAYLOAD)


@pytest.mark.parametrize("format_", MODES)
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (None, "callboard"),
        ("channel/7", "channel/7"),
        ("https://a.com/x?y=1", "https://a.com/x?y=1"),
        ("a b#c%20", "a%20b%23c%2520"),
        ("Đ", "%C4%90"),
    ],
)
def test_the_source_is_a_uri_reference(format_, source, expected):
    assert received(format_, source=source).get_attributes()["source"] == expected


def test_structured_mode_keeps_the_payloads_bytes_in_data():
    request = composed("cloudevents")
    assert ("Content-Type", "application/cloudevents+json") in request.headers
    assert request.body.endswith(b',"data":%b}' % PAYLOAD.encode())


def test_binary_mode_sends_the_payload_byte_for_byte():
    request = composed("cloudevents_binary")
    assert ("Content-Type", "application/json") in request.headers
    assert request.body == PAYLOAD.encode()


def test_a_retry_of_the_first_body_keeps_its_headers():
    first = composed("cloudevents_binary")
    changed = Composer(webhook("standard"))
    retry = changed.compose(event(PAYLOAD), "d-1", 2, AT, body=first.rendered)
    assert ("ce-type", "encoding.started") in retry.headers


def test_a_query_has_the_attributes_as_parameters():
    assert "?specversion=1.0&id=" in composed("cloudevents", method="GET").url
    request = composed("cloudevents_binary", method="GET")
    assert request.url.endswith("?n=1.10&title=%C4%90%C6%B0%E1%BB%9Dng")
    assert ("ce-specversion", "1.0") in request.headers
