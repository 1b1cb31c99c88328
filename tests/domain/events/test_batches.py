import pytest

from app.domain.common.errors import Malformed
from app.domain.events.input import parse_batch, parse_event
from tests.support.faults import faults

MIB = 1 << 20
EVENT = b'{"type":"a","payload":{"events":"events:"}}'


def batch_of(*events: bytes) -> bytes:
    return b'{ "events" : [' + b" , ".join(events) + b"] }"


def test_the_events_of_a_batch_keep_their_order():
    batch = batch_of(*(b'{"type":"a","payload":{},"source":"%d"}' % n for n in range(1000)))
    drafts = parse_batch(batch, max_event_bytes=MIB)
    assert [draft.source for draft in drafts] == [str(n) for n in range(1000)]


def test_a_batch_may_contain_payloads_of_the_maximum_depth():
    payload = b'{"a":' + b"[" * 98 + b"]" * 98 + b"}"
    event = b'{"type":"a","payload":' + payload + b"}"
    assert parse_event(event, max_bytes=MIB).payload == payload
    assert parse_batch(batch_of(event), max_event_bytes=MIB)[0].payload == payload


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", [("events", "required")]),
        (b'{"events":null}', [("events", "required")]),
        (b'{"events":{}}', [("events", "type")]),
        (b'{"events":"x"}', [("events", "type")]),
        (b'{"events":[]}', [("events", "range")]),
        (batch_of(*[EVENT] * 1001), [("events", "range")]),
        (b'{"events":[' + EVENT + b'],"x":1}', [("x", "unknown")]),
        (b'{"event":[]}', [("event", "unknown"), ("events", "required")]),
        (batch_of(EVENT, b'{"type":"a"}'), [("events[1].payload", "required")]),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_a_malformed_batch_is_rejected_with_its_error(body, expected):
    assert faults(parse_batch, body, max_event_bytes=MIB) == expected


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"[]", "list"),
        (batch_of(EVENT, b"5"), "events[1]"),
        (batch_of(EVENT, b"null"), "events[1]"),
        (batch_of(EVENT, b'{"type":"a","payload":{"a":1,"a":2}}'), "events[1]"),
        (batch_of(EVENT, b'{"type":"a","payload":{"a":"\\u0000"}}'), "events[1]"),
        (batch_of(EVENT, b'{"type":"a","payload":{"a":"\xff"}}'), "events[1]"),
        (b'{"events":[' + EVENT + b'],"events":[]}', "Duplicate"),
        (b'{"events":[],"\\u0065vents":[' + EVENT + b"]}", "Duplicate"),
        (batch_of(b"[" * 100_000 + b"]" * 100_000), "deep"),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_a_batch_with_a_malformed_event_is_rejected_with_its_index(body, said):
    with pytest.raises(Malformed) as caught:
        parse_batch(body, max_event_bytes=MIB)
    assert said in caught.value.detail


def test_the_idempotency_key_of_a_batch_is_extended_by_the_index_of_each_event():
    batch = batch_of(EVENT, b'{"type":"a","payload":{},"id":"own"}', EVENT)
    drafts = parse_batch(batch, max_event_bytes=MIB, idempotency_key="job-1")
    assert [draft.producer_id for draft in drafts] == ["job-1:0", "own", "job-1:2"]


@pytest.mark.parametrize("key", ["", "a b", "x" * 121])
def test_a_batch_with_an_invalid_idempotency_key_is_rejected(key):
    errors = faults(parse_batch, batch_of(EVENT), max_event_bytes=MIB, idempotency_key=key)
    assert errors == [("Idempotency-Key", "id")]
