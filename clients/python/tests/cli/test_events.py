"""Sending events from files, following them, replaying them."""

import json

import pytest

from callboard.cli.main import run
from callboard.cli.tail import Follower, follow
from callboard.verification import verify


@pytest.fixture(autouse=True)
def logged_in(server, monkeypatch, tmp_path):
    monkeypatch.setenv("CALLBOARD_URL", server.url)
    monkeypatch.setenv("CALLBOARD_API_KEY", "k")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def events(tmp_path):
    """Five events, in a file."""
    path = tmp_path / "events.ndjson"
    path.write_text("".join(f'{{"type":"a","payload":{{"n":{n}}}}}\n' for n in range(5)))
    return path


def posted(server):
    return [e for request in server.requests for e in request.json()["events"]]


def accept_then_fail(accepting, Response, batches):
    count = iter(range(batches))
    return lambda request: accepting(request) if next(count, None) is not None else Response(400)


def test_trigger_posts_the_sample_from_the_catalogue(server, accepting, Response, capsys):
    def respond(request):
        if request.method == "GET":
            return Response(200, {"name": "a.b", "sample": {"media_id": "x"}})
        return accepting(request)

    server.respond = respond
    assert run(["trigger", "a.b"]) == 0
    assert server.requests[-1].json()["payload"] == {"media_id": "x"}


def test_trigger_takes_data_from_a_file(server, accepting, tmp_path):
    server.respond = accepting
    (tmp_path / "data.json").write_text('{"n": 1}')
    assert run(["trigger", "a.b", "--data", "@data.json", "--id", "e-1", "--source", "s"]) == 0
    event = server.requests[0].json()
    assert event == {"id": "e-1", "type": "a.b", "source": "s", "payload": {"n": 1}}


def test_a_sent_file_leaves_no_progress_file(server, accepting, events, capsys):
    server.respond = accepting
    assert run(["events", "send", str(events), "--json"]) == 0
    assert [event["payload"]["n"] for event in posted(server)] == list(range(5))
    assert json.loads(capsys.readouterr().out) == {"accepted": 5, "duplicates": 0}
    assert not events.with_name("events.ndjson.progress").exists()


def test_sending_resumes_where_it_stopped(server, accepting, events, Response, capsys):
    server.respond = accept_then_fail(accepting, Response, 1)
    assert run(["events", "send", str(events), "--batch-size", "2"]) == 1
    server.respond = accepting
    assert run(["events", "send", str(events), "--batch-size", "3"]) == 0
    assert "Going on behind line 2." in capsys.readouterr().err
    sent = posted(server)
    # The second batch was sent twice, under the same ids.
    assert [event["payload"]["n"] for event in sent] == [0, 1, 2, 3, 2, 3, 4]
    assert len({event["id"] for event in sent}) == 5


def test_an_invalid_line_can_be_fixed_and_the_rest_sent(server, accepting, events, capsys):
    server.respond = accepting
    good = events.read_text()
    events.write_text(good.replace('{"n":3}', "[]"))
    assert run(["events", "send", str(events), "--batch-size", "2"]) == 1
    error = capsys.readouterr().err
    assert "line 4: `payload` must be a JSON object" in error
    assert "sent up to line 2" in error
    events.write_text(good)
    assert run(["events", "send", str(events), "--batch-size", "2"]) == 0
    assert [event["payload"]["n"] for event in posted(server)] == list(range(5))


def test_a_file_with_changes_before_the_resume_point_is_not_resumed(
    server, accepting, events, Response, capsys
):
    server.respond = accept_then_fail(accepting, Response, 1)
    run(["events", "send", str(events), "--batch-size", "2"])
    events.write_text(events.read_text().replace('{"n":0}', '{"n":9}'))
    server.respond = accepting
    assert run(["events", "send", str(events)]) == 1
    assert "has changed before line 3" in capsys.readouterr().err
    assert run(["events", "send", str(events), "--restart"]) == 0


def test_the_same_key_sends_the_same_ids(server, accepting, events):
    server.respond = accepting
    assert run(["events", "send", str(events), "--key", "k"]) == 0
    assert run(["events", "send", str(events), "--key", "k"]) == 0
    ids = [event["id"] for event in posted(server)]
    assert ids[:5] == ids[5:] == [f"k.{n}" for n in range(1, 6)]


@pytest.mark.parametrize("text", ['{"type":"a","payload":{}}', '[{"type":"a","payload":{}}]'])
def test_a_json_file_holds_one_event_or_a_list(server, accepting, tmp_path, text):
    server.respond = accepting
    (tmp_path / "e.json").write_text(text)
    assert run(["events", "send", "e.json"]) == 0
    assert [event["type"] for event in posted(server)] == ["a"]


def listed(number, created_at):
    return {"id": f"e-{number}", "type": "a", "source": None, "created_at": created_at}


def list_of(events, Response):
    """As GET /events responds: newest first, by `since` and `limit`."""

    def respond(request):
        since = request.query.get("since", "").replace("+00:00", "Z")
        rows = [event for event in reversed(events) if event["created_at"] >= since]
        return Response(200, {"data": rows[: int(request.query["limit"])], "next_cursor": None})

    return respond


def test_tail_prints_each_event_once_and_in_order(server, client, Response):
    events = [listed(n, f"2026-02-24T11:52:0{n}Z") for n in range(4)]
    server.respond = list_of(events, Response)
    follower = Follower(client, None, None)
    assert [event["id"] for event in follower.last(2)] == ["e-2", "e-3"]
    assert follower.new() == []
    # The second one's transaction ended late.
    events += [listed(5, "2026-02-24T11:52:05Z"), listed(4, "2026-02-24T11:52:04Z")]
    assert sorted(event["id"] for event in follower.new()) == ["e-4", "e-5"]
    assert follower.new() == []


def test_tail_continues_after_an_outage(server, client, Response, capsys):
    events = [listed(0, "2026-02-24T11:52:00Z")]
    server.respond = list_of(events, Response)
    follower = Follower(client, None, None)
    follower.last(1)
    events.append(listed(1, "2026-02-24T11:52:01Z"))
    failures = iter([Response(502)] * 5)
    respond = server.respond
    server.respond = lambda request: next(failures, None) or respond(request)
    assert next(follow(follower, 0.001))["id"] == "e-1"
    assert "Retrying." in capsys.readouterr().err


def test_tail_starts_empty_without_events(server, client, Response):
    events = []
    server.respond = list_of(events, Response)
    follower = Follower(client, None, None)
    assert follower.last(10) == []
    events.append(listed(0, "2026-02-24T11:52:00Z"))
    assert [event["id"] for event in follower.new()] == ["e-0"]


def test_recorded_events_are_posted_as_new_ones(server, accepting, tmp_path):
    server.respond = accepting
    record = {"id": "old", "type": "a", "source": "s", "payload": {"n": 1}, "deliveries": []}
    (tmp_path / "f").write_text(json.dumps(record, indent=1) + "\n" + json.dumps(record))
    assert run(["replay", "f"]) == 0
    assert [(e["type"], e["source"], e["payload"]) for e in posted(server)] == [
        ("a", "s", {"n": 1})
    ] * 2
    assert "old" not in {event["id"] for event in posted(server)}


def test_an_invalid_recording_sends_nothing(server, tmp_path, capsys):
    (tmp_path / "f").write_text('{"type": "a", "payload": {}}\n{')
    assert run(["replay", "f"]) == 1
    assert "record 2 is not JSON" in capsys.readouterr().err
    assert server.requests == []


SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def recorded(tmp_path):
    request = {
        "request_line": "POST /hook?a=1 HTTP/1.1",
        "headers": [
            {"name": "Host", "value": "receiver.example"},
            {"name": "webhook-id", "value": "msg_1"},
            {"name": "webhook-signature", "value": "v1,old"},
            {"name": "X-Custom", "value": "kept"},
        ],
        "body": {"text": '{"n": 1.0}', "encoding": "utf-8", "bytes": 10},
    }
    attempts = [{"number": number, "request": request} for number in (1, 2)]
    (tmp_path / "d.json").write_text(json.dumps({"id": "d", "attempts": attempts}))
    return "d.json"


def test_a_recorded_callback_is_replayed_to_another_receiver(server, recorded):
    url = f"{server.url}/mine"
    assert run(["replay", recorded, "--forward-to", url, "--secret", SECRET]) == 0
    [request] = server.requests
    assert (request.method, request.path, request.query) == ("POST", "/mine", {"a": "1"})
    assert request.body == b'{"n": 1.0}'
    assert request.headers["X-Custom"] == "kept"
    assert request.headers["Host"] != "receiver.example"
    assert verify(request.headers.items(), request.body, SECRET).id == "msg_1"


def test_a_rejected_replay_exits_with_1(server, recorded, Response):
    server.responds_with(Response(500))
    assert run(["replay", recorded, "--forward-to", server.url, "--all-attempts"]) == 1
    assert len(server.requests) == 2


def test_an_unreachable_receiver_exits_with_3(recorded):
    assert run(["replay", recorded, "--forward-to", "http://127.0.0.1:1"]) == 3


def test_replaying_a_callback_requires_a_url(recorded):
    assert run(["replay", recorded]) == 2
