import json

import pytest

from app.domain.events.event import EventDraft
from app.domain.events.input import parse_batch, parse_event
from tests.support.faults import faults

MIB = 1 << 20


def parse(body: bytes | dict, key: str | None = None) -> EventDraft:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse_event(raw, max_bytes=MIB, idempotency_key=key)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"type": None}, ("type", "required")),
        ({"type": 5}, ("type", "type")),
        ({"type": ["a"]}, ("type", "type")),
        ({"type": ""}, ("type", "required")),
        ({"type": "a b"}, ("type", "format")),
        ({"type": "a*"}, ("type", "format")),
        ({"type": "ä"}, ("type", "format")),
        ({"type": "a\n"}, ("type", "format")),
        ({"type": "a" * 129}, ("type", "length")),
        ({"payload": None}, ("payload", "type")),
        ({"payload": []}, ("payload", "type")),
        ({"payload": "{}"}, ("payload", "type")),
        ({"payload": 1}, ("payload", "type")),
        ({"source": 5}, ("source", "type")),
        ({"source": ""}, ("source", "length")),
        ({"source": "a" * 513}, ("source", "length")),
        ({"source": "a\nb"}, ("source", "characters")),
        ({"source": {"a": 1}}, ("source", "type")),
        ({"ordering_key": True}, ("ordering_key", "type")),
        ({"ordering_key": "a" * 513}, ("ordering_key", "length")),
        ({"id": 5}, ("id", "type")),
        ({"id": ""}, ("id", "id")),
        ({"id": "a b"}, ("id", "id")),
        ({"id": "a" * 129}, ("id", "id")),
        ({"occurred_at": 1582545140810}, ("occurred_at", "type")),
        ({"occurred_at": "yesterday"}, ("occurred_at", "time")),
        ({"occurred_at": "2020-02-24"}, ("occurred_at", "time")),
        ({"occurred_at": "2020-02-30T00:00:00Z"}, ("occurred_at", "time")),
        ({"occurred_at": "2020-02-24T25:00:00Z"}, ("occurred_at", "time")),
        ({"occurred_at": "2020-02-24x11:52:20Z"}, ("occurred_at", "time")),
        ({"occurred_at": "٢٠٢٠-02-24T11:52:20Z"}, ("occurred_at", "time")),
        ({"occurred_at": "2020-02-24T11:52:20+99:00"}, ("occurred_at", "time")),
        ({"occurred_at": "1969-12-31T23:59:59Z"}, ("occurred_at", "range")),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, ("occurred_at", "range")),
        ({"occurred_at": "9999-12-31T23:59:59-14:00"}, ("occurred_at", "range")),
        ({"callback": 5}, ("callback", "type")),
        ({"callback": "ftp://example.com"}, ("callback", "url")),
        ({"callback": "http://a@example.com"}, ("callback", "url")),
        ({"callback": "https://a.de/" + "a" * 2048}, ("callback", "length")),
        ({"callback": "https://a.de/{{X}}"}, ("callback", "merge")),
        ({"callback_preset": "nonsense"}, ("callback_preset", "choice")),
        ({"callback_preset": ["asset"]}, ("callback_preset", "choice")),
        ({"merge": {}}, ("merge", "type")),
        ({"merge": [5]}, ("merge[0]", "type")),
        ({"merge": [{"find": "A"}]}, ("merge[0]", "type")),
        ({"merge": [{"find": "A", "replace": "b", "c": 1}]}, ("merge[0]", "type")),
        ({"merge": [{"find": "{A}", "replace": "b"}]}, ("merge[0].find", "name")),
        ({"merge": [{"find": "A", "replace": 5}]}, ("merge[0].replace", "type")),
        ({"merge": [{"find": "A", "replace": "b"}] * 101}, ("merge", "range")),
        ({"colour": "red"}, ("colour", "unknown")),
        ({"Type": "a"}, ("Type", "unknown")),
    ],
)
def test_an_invalid_field_is_reported_with_a_remedy(changes, expected):
    document = {"type": "a", "payload": {}} | changes
    assert faults(parse, document) == [expected]
    batch = json.dumps({"events": [{"type": "a", "payload": {}}, document]}).encode()
    in_batch = (f"events[1].{expected[0]}", expected[1])
    assert faults(parse_batch, batch, max_event_bytes=MIB) == [in_batch]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-02-24T11:52:20.810Z", 1582545140810),
        ("2020-02-24T11:52:20Z", 1582545140000),
        ("2020-02-24T12:52:20.810+01:00", 1582545140810),
        ("2020-02-24T06:22:20.810-0530", 1582545140810),
        ("2020-02-24T11:52:20.810999999Z", 1582545140810),
        ("2020-02-24t11:52:20,810z", 1582545140810),
        ("2020-02-24 11:52:20.810", 1582545140810),
        ("2020-02-24T11:52Z", 1582545120000),
        ("1970-01-01T00:00:00Z", 0),
    ],
)
def test_times_in_iso_8601_become_milliseconds(text, expected):
    assert parse({"type": "a", "payload": {}, "occurred_at": text}).occurred_at == expected


@pytest.mark.parametrize(
    ("in_body", "header", "expected"),
    [(None, None, None), ("k", None, "k"), (None, "k", "k"), ("k", "k", "k")],
)
def test_the_id_and_the_idempotency_key_are_interchangeable(in_body, header, expected):
    draft = parse({"type": "a", "payload": {}, "id": in_body}, header)
    assert draft.producer_id == expected


@pytest.mark.parametrize(
    ("in_body", "header", "expected"),
    [
        ("k", "other", ("id", "conflict")),
        (None, "", ("Idempotency-Key", "id")),
        (None, "a b", ("Idempotency-Key", "id")),
        (None, "a" * 129, ("Idempotency-Key", "id")),
    ],
)
def test_different_or_invalid_keys_are_rejected(in_body, header, expected):
    assert expected in faults(parse, {"type": "a", "payload": {}, "id": in_body}, header)
