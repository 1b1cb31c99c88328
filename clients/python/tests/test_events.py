import json
import threading
from datetime import UTC, datetime

import pytest

import callboard
from callboard import BrokenLine, BufferFull, RetryPolicy, StreamClosed
from callboard.batches import with_id

NO_WAIT = RetryPolicy(initial_delay=0.001, max_delay=0.001)


def refuse_type(refused_type, accepting, problem):
    """A batch with that type is refused as a whole, as the API does."""

    def respond(request):
        types = [event["type"] for event in request.json()["events"]]
        if refused_type not in types:
            return accepting(request)
        field = f"events[{types.index(refused_type)}].type"
        error = {"field": field, "code": "name", "problem": "No such name.", "remedy": "Fix it."}
        return problem(422, "invalid", f"{field}: No such name.", errors=[error])

    return respond


def posted(server):
    return [e for request in server.requests for e in request.json()["events"]]


def test_an_event_has_its_fields(server, client, accepting):
    server.respond = accepting
    moment = datetime(2026, 2, 24, tzinfo=UTC)
    client.events.create("a.b", {"n": "ü"}, id="e-1", source="s", occurred_at=moment)
    assert server.requests[0].json() == {
        "id": "e-1",
        "type": "a.b",
        "source": "s",
        "occurred_at": "2026-02-24T00:00:00+00:00",
        "payload": {"n": "ü"},
    }


def test_each_event_of_a_batch_has_an_id(server, client, accepting):
    server.respond = accepting
    client.events.create_batch(
        [{"type": "a", "payload": {}}, {"type": "b", "payload": {}, "id": "own"}]
    )
    first, second = posted(server)
    assert len(first["id"]) == 32
    assert second["id"] == "own"


def test_a_payload_that_is_not_json_is_not_sent(server, client):
    with pytest.raises(ValueError, match="JSON"):
        client.events.create("a", {"n": float("nan")})
    assert server.requests == []


@pytest.mark.parametrize("raw", [b"{}", b"{ }", b' {"a": 1.0}', b'{"a":{}}'])
def test_an_id_is_added_without_changing_other_bytes(raw):
    assert json.loads(with_id(raw, "x")) == json.loads(raw) | {"id": "x"}
    assert raw.strip()[1:] in with_id(raw, "x") or not json.loads(raw)


def test_lines_are_sent_in_batches_with_ids_from_their_numbers(server, client, accepting):
    server.respond = accepting
    lines = [b'{"type":"a","payload":{"n":1.0}}\n', b"\n", b'{"type":"b","payload":{}}\n', b""]
    done = list(client.events.send_ndjson(lines, key="k", batch_size=1))
    assert [(each.lines, each.accepted) for each in done] == [(1, 1), (3, 1)]
    assert [event["id"] for event in posted(server)] == ["k.1", "k.3"]
    assert b'"payload":{"n":1.0}' in server.requests[0].body


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"payload":{}}', "`type` must be"),
        (b'{"type":"a","payload":[]}', "`payload` must be"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_an_invalid_line_is_named_and_its_batch_not_sent(server, client, line, reason):
    with pytest.raises(BrokenLine, match=reason) as error:
        list(client.events.send_ndjson([b'{"type":"a","payload":{}}', line]))
    assert error.value.number == 2
    assert server.requests == []


def test_a_line_that_the_server_rejects_is_named(server, client, accepting, problem):
    server.respond = refuse_type("bad", accepting, problem)
    lines = [b'{"type":"a","payload":{}}', b"", b'{"type":"bad","payload":{}}']
    with pytest.raises(BrokenLine, match=r"line 3: type: No such name\. Fix it\."):
        list(client.events.send_ndjson(lines))


def test_a_batch_that_is_too_large_is_split(server, client, accepting, problem):
    def respond(request):
        if len(request.json()["events"]) > 1:
            return problem(413, "too_large", "Send at most 100.")
        return accepting(request)

    server.respond = respond
    done = list(client.events.send_ndjson([b'{"type":"a","payload":{}}'] * 3, key="k"))
    assert sum(each.accepted for each in done) == 3


def test_a_stream_posts_in_order(server, client, accepting):
    server.respond = accepting
    with client.events.stream(batch_size=7) as stream:
        for number in range(50):
            stream.send("a", {"n": number})
    assert [event["payload"]["n"] for event in posted(server)] == list(range(50))
    assert stream.statistics.accepted == 50


def test_a_stream_retries_until_the_server_is_back(server, client, accepting, Response):
    failures = iter([Response(503), Response(0), Response(502)])
    server.respond = lambda request: next(failures, None) or accepting(request)
    with client.events.stream(retry_policy=NO_WAIT) as stream:
        stream.send("a", {})
    assert len({event["id"] for event in posted(server)}) == 1
    assert stream.statistics.accepted == 1


def test_a_rejected_event_does_not_stop_the_others(server, client, accepting, problem):
    server.respond = refuse_type("bad", accepting, problem)
    refused = []
    with client.events.stream(on_refused=lambda raw, _: refused.append(json.loads(raw))) as stream:
        for event_type in ("a", "bad", "b"):
            stream.send(event_type, {})
    assert [event["type"] for event in refused] == ["bad"]
    assert stream.statistics.accepted == 2


def test_a_full_buffer_blocks_the_producer(server, client, accepting):
    may_respond = threading.Event()

    def respond(request):
        may_respond.wait(10)
        return accepting(request)

    server.respond = respond
    with client.events.stream(max_events=2) as stream:
        stream.send("a", {})
        stream.send("a", {})
        with pytest.raises(BufferFull):
            stream.send("a", {}, timeout=0.01)
        may_respond.set()
        stream.send("a", {})
    assert stream.statistics.accepted == 3


def test_a_key_without_the_scope_ends_the_stream(server, client, problem):
    server.responds_with(problem(403, "forbidden", "This key lacks the scope events:write."))
    stream = client.events.stream()
    stream.send("a", {})
    with pytest.raises(StreamClosed, match="lacks the scope"):
        stream.close()
    with pytest.raises(StreamClosed):
        stream.send("a", {})
    assert len(stream.unsent) == 1


def test_closing_stops_after_its_timeout(server, client, Response):
    server.responds_with(Response(503))
    stream = client.events.stream(retry_policy=RetryPolicy(initial_delay=60, max_delay=60))
    stream.send("a", {})
    assert not stream.close(timeout=0.05)
    assert len(stream.unsent) == 1


def test_a_batch_size_above_a_thousand_is_rejected(client):
    with pytest.raises(ValueError, match="1 to 1000"):
        next(client.events.send_ndjson([], batch_size=1001))


def test_the_package_names_its_version():
    assert callboard.__version__.count(".") == 2
