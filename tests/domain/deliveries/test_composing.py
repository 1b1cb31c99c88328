"""The exact request of an attempt."""

import hypothesis.strategies as st
import pytest
import standardwebhooks
from hypothesis import given

from app.domain.bodies.formats import Body, BodySpec
from app.domain.common.version import VERSION
from app.domain.deliveries.composing import Composer
from app.domain.webhooks import signing
from tests.domain.facts import AT, SECRET, event, webhook

DELIVERY = "0198c9f6-1c71-7f6d-8eca-92432aaf42e6"
CALLBACK = '{"callback_id":1,"callback_value":"u v","callback_format":"image"}'
QUERY = "callback_id=1&callback_value=u%20v&callback_format=image&api_key="


def composed(hook, happened=None, attempt=1, **more):
    return Composer(hook).compose(happened or event(), DELIVERY, attempt, AT, **more)


def test_a_request_carries_these_headers_in_this_order():
    sent = composed(webhook(), event('{"a":1}'), 3)
    signature = signing.sign([SECRET], f"msg_{DELIVERY}", AT // 1000, sent.body)
    assert sent.headers == [
        ("Content-Type", "application/json"),
        ("User-Agent", f"Callboard/{VERSION}"),
        ("Accept", "*/*"),
        ("webhook-id", f"msg_{DELIVERY}"),
        ("webhook-timestamp", str(AT // 1000)),
        ("webhook-signature", signature),
        ("X-Callboard-Event-Type", "encoding.started"),
        ("X-Callboard-Event-Id", "0198c9f6-1c70-7a11-9d3b-5f0c2f7e9b01"),
        ("X-Callboard-Delivery-Id", DELIVERY),
        ("X-Callboard-Attempt", "3"),
        ("X-Callboard-Webhook-Id", "0198c9f5-0b60-7e5c-9db9-81321ffe31d5"),
    ]
    assert (sent.method, sent.url) == ("POST", "https://receiver.example/hook")
    assert sent.body == sent.rendered.content


def test_a_retry_differs_in_its_number_time_and_signature_only():
    hook, happened = Composer(webhook()), event('{"a":1}')
    first = hook.compose(happened, DELIVERY, 1, AT)
    second = hook.compose(happened, DELIVERY, 2, AT + 5000)
    differing = {
        name for (name, a), (_, b) in zip(first.headers, second.headers, strict=True) if a != b
    }
    assert differing == {"webhook-timestamp", "webhook-signature", "X-Callboard-Attempt"}
    assert first.body == second.body


@pytest.mark.parametrize("preset", ["standard", "live_channel", "asset", "render", "encoding"])
def test_the_public_verifier_accepts_every_preset(preset, monkeypatch):
    monkeypatch.setattr(standardwebhooks.webhooks, "datetime", FixedTime)
    sent = composed(webhook(preset), event('{"a":1.10}'))
    standardwebhooks.Webhook(SECRET).verify(sent.body, dict(sent.headers))


class FixedTime(standardwebhooks.webhooks.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(AT // 1000, tz)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_methods_without_a_body_carry_and_sign_the_query(method):
    hook = webhook("form_callback", method=method, url="https://h/cb?k=%7e&k#top")
    sent = composed(hook, event(CALLBACK))
    assert sent.url == f"https://h/cb?k=%7e&k&{QUERY}"
    assert sent.body == b""
    query = f"k=%7e&k&{QUERY}".encode()
    headers = dict(sent.headers)
    assert headers["webhook-signature"] == signing.sign(
        [SECRET], f"msg_{DELIVERY}", AT // 1000, query
    )
    assert "Content-Type" not in headers
    assert sent.rendered.content == QUERY.encode()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "PURGE"])
def test_all_other_methods_carry_a_body(method):
    sent = composed(
        webhook("form_callback", method=method, url="https://h/cb?k=1"), event(CALLBACK)
    )
    assert (sent.method, sent.url, sent.body) == (method, "https://h/cb?k=1", QUERY.encode())
    assert sent.headers[0] == ("Content-Type", "application/x-www-form-urlencoded")


def test_a_retry_sends_the_stored_body_after_the_webhook_changed():
    stored = Body("application/x-www-form-urlencoded", b"api_key=old")
    hook = webhook("form_callback", body=BodySpec("form_callback", api_key="new"))
    sent = composed(hook, event(CALLBACK), body=stored)
    assert (sent.body, sent.rendered) == (b"api_key=old", stored)


def test_a_one_off_callback_goes_to_its_own_url():
    assert composed(webhook("render"), url="https://other/cb?a=b#c").url == "https://other/cb?a=b"


def test_without_signing_the_id_and_the_timestamp_are_still_sent():
    names = [name for name, _ in composed(webhook(signing="none")).headers]
    assert "webhook-signature" not in names
    assert {"webhook-id", "webhook-timestamp"} <= set(names)


def test_both_secrets_sign_during_a_rotation():
    hook = webhook(secrets=(signing.new_secret(), SECRET))
    assert len(dict(composed(hook).headers)["webhook-signature"].split(" ")) == 2


@pytest.mark.parametrize(
    ("preset", "header", "name"),
    [
        ("asset", None, "x-streams-token"),
        ("asset", "X-Mine", "X-Mine"),
        ("standard", None, "X-Callboard-Token"),
        ("standard", "Authorization", "Authorization"),
    ],
)
def test_the_secret_token_is_sent_in_its_header(preset, header, name):
    hook = webhook(preset, secret_token="abcdef", secret_header=header)
    assert (name, "abcdef") in composed(hook).headers


def test_there_is_no_secret_header_without_a_token():
    assert "x-streams-token" not in dict(composed(webhook("asset")).headers)


def test_a_webhooks_own_headers_replace_ours():
    own = (("content-type", "text/json"), ("USER-AGENT", "me"), ("X-Callboard-Attempt", "n"))
    sent = composed(webhook(headers=(*own, ("A", "1"), ("A", "2"))))
    names = [name.lower() for name, _ in sent.headers]
    assert sent.headers[-5:] == [*own, ("A", "1"), ("A", "2")]
    assert len(names) - 1 == len(set(names))


def test_a_webhooks_own_headers_never_replace_the_signature():
    sent = composed(webhook(headers=(("Webhook-Signature", "v1,x"), ("WEBHOOK-ID", "x"))))
    assert dict(sent.headers)["webhook-id"] == f"msg_{DELIVERY}"
    assert "x" not in dict(sent.headers).values()


@given(payload=st.binary())
def test_asset_sends_and_signs_the_original_payload_bytes(payload):
    happened = event()
    sent = composed(webhook("asset"), type(happened)("e", "t", None, AT, payload))
    assert sent.body == payload
    assert signing.verify(
        SECRET,
        f"msg_{DELIVERY}",
        str(AT // 1000),
        dict(sent.headers)["webhook-signature"],
        payload,
        now=AT // 1000,
    )
