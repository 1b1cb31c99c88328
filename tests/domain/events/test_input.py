import json

import pytest

from app.domain.common.errors import Invalid, Malformed, TooLarge
from app.domain.events.event import EventDraft
from app.domain.events.input import parse_batch, parse_event
from tests.support.faults import faults

MIB = 1 << 20


def parse(body: bytes | dict, key: str | None = None) -> EventDraft:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse_event(raw, max_bytes=MIB, idempotency_key=key)


def test_an_event_needs_only_a_type_and_a_payload():
    assert parse(b'{"type":"a.b","payload":{}}') == EventDraft(type="a.b", payload=b"{}")


def test_all_fields_of_an_event_are_parsed():
    draft = parse(
        {
            "type": "render.done",
            "payload": {"a": 1},
            "source": "video/1 ü",
            "occurred_at": "2020-02-24T11:52:20.810Z",
            "id": "job:1_2.3-4",
            "callback": "https://example.com/?v={{NAME}}}}",
            "callback_preset": "asset",
            "merge": [{"find": "NAME", "replace": "a&b"}],
            "ordering_key": "k",
        }
    )
    assert draft == EventDraft(
        type="render.done",
        payload=b'{"a": 1}',
        source="video/1 ü",
        occurred_at=1582545140810,
        producer_id="job:1_2.3-4",
        callback="https://example.com/?v={{NAME}}}}",
        callback_preset="asset",
        merge=(("NAME", "a&b"),),
        ordering_key="k",
    )


def test_a_null_field_counts_as_absent():
    names = ["source", "occurred_at", "id", "callback", "callback_preset", "merge", "ordering_key"]
    draft = parse({"type": "a", "payload": {}} | dict.fromkeys(names))
    assert draft == EventDraft(type="a", payload=b"{}")


PAYLOADS = [
    b"{}",
    b"{ }",
    b'{"b":1.10,"a":9007199254740993,"c":1e300,"d":-0.0,"e":1E+2}',
    b'{\n  "a" : [ 1 ,2 ],\t"b":"\\u00e9\\/\xc3\xa9" }',
    b'{"a":' + b"9" * 1000 + b"}",
    b'{"payload":{"type":"x"},"type":"y"}',
    b'{"a":"\\\\u0000","b":"\\ud83d\\ude00"}',
]


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda raw: repr(raw[:30]))
def test_a_payload_is_kept_byte_for_byte(payload):
    body = b' {"source" : "s" , "payload" :  ' + payload + b' , "type":"a"} '
    assert parse(body).payload == payload
    batch = b'{"events":[' + body + b"," + body + b"]}"
    drafts = parse_batch(batch, max_event_bytes=MIB)
    assert [draft.payload for draft in drafts] == [payload, payload]


def test_a_missing_payload_differs_from_one_of_the_wrong_type():
    assert faults(parse, {"type": "a"}) == [("payload", "required")]


def test_all_errors_are_reported_at_once():
    document = {"type": 5, "source": 5, "x": 1, "y": 2}
    assert sorted(faults(parse, document)) == [
        ("payload", "required"),
        ("source", "type"),
        ("type", "type"),
        ("x", "unknown"),
        ("y", "unknown"),
    ]


MALFORMED = [
    b"",
    b"nonsense",
    b"[]",
    b"null",
    b'"a"',
    b'{"type":"a","payload":{"a":NaN}}',
    b'{"type":"a","payload":{"a":"\\u0000"}}',
    b'{"type":"a","payload":{"\\ud800":1}}',
    b'{"type":"a\\u0000","payload":{}}',
    b'{"type":"a","payload":{"a":"\xff"}}',
    b'{"type":"a","payload":{"a":1,"a":2}}',
    b'{"type":"a","payload":{},"type":"b"}',
    b'{"type":"a","payload":{},"payload":{"b":1}}',
    b"\xef\xbb\xbf" + b'{"type":"a","payload":{}}',
    '{"type":"a","payload":{}}'.encode("utf-16"),
    b'{"type":"a","payload":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001,
    b'{"type":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"type":"a","payload":{"a":' + b"[" * 99 + b"]" * 99 + b"}}",
]


@pytest.mark.parametrize("body", MALFORMED, ids=lambda raw: repr(raw[:40]))
def test_a_body_that_is_not_a_strict_json_object_is_malformed(body):
    with pytest.raises(Malformed):
        parse(body)
    with pytest.raises((Malformed, Invalid)):
        parse_batch(b'{"events":[' + body + b"]}", max_event_bytes=MIB)


@pytest.mark.parametrize(
    "body",
    [
        b'{"type":1e400,"payload":{}}',
        b'{"type":-1e400,"payload":{"a":1e300}}',
        b'{"type":"a","payload":{},"occurred_at":1e400}',
        b'{"type":"a","payload":{},"id":' + b"9" * 5000 + b"}",
    ],
    ids=lambda raw: repr(raw[:40]),
)
def test_a_number_out_of_range_is_reported_as_a_number(body):
    with pytest.raises(Invalid) as caught:
        parse(body)
    assert [error.code for error in caught.value.errors] == ["type"]


def test_an_event_may_have_the_maximum_size_and_no_more():
    body = json.dumps({"type": "a", "payload": {"x": ""}}).encode()
    assert parse_event(body, max_bytes=len(body))
    with pytest.raises(TooLarge):
        parse_event(body, max_bytes=len(body) - 1)
    batch = b'{"events":[' + body + b',{"type":"a"}]}'
    with pytest.raises(TooLarge) as caught:
        parse_batch(batch, max_event_bytes=len(body) - 1)
    assert "events[0]" in caught.value.detail


@pytest.mark.parametrize("number", ["1" * 1001, "1e400"])
def test_a_number_that_receivers_cannot_parse_is_rejected(number: str) -> None:
    body = f'{{"type": "a.b", "payload": {{"n": {number}}}}}'
    with pytest.raises(Invalid) as error:
        parse_event(body.encode(), max_bytes=1 << 20)
    assert [(fault.field, fault.code) for fault in error.value.errors] == [("payload", "number")]
