"""`callboard listen` as a process of its own, between a server and a receiver over sockets."""

import json
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from callboard.cli.listening.forwarding import Forwarder
from callboard.cli.listening.session import Session
from callboard.cli.main import run
from callboard.errors import CallboardError

LISTENER = {
    "id": "l-1", "name": "n", "event_types": None, "secret": "whsec_AAAA",
    "created_at": "2026-02-24T11:52:20Z", "seen_at": "2026-02-24T11:52:20Z",
}  # fmt: skip
CALLBACK = {
    "id": "c-1", "created_at": "2026-02-24T11:52:20Z", "delivery_id": "d-1",
    "event_type": "encoding.finished", "attempt": 2, "method": "POST", "query": "a=b",
    "headers": [{"name": "webhook-id", "value": "m-1"}, {"name": "content-type", "value": "x/y"}],
    "body": {"text": '{"n":1}', "encoding": "utf-8", "bytes": 7},
}  # fmt: skip


class Receiver:
    """status, body: of its responses."""

    def __init__(self):
        self.requests, self.status, self.body = [], 200, b"ok"
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((self.path, dict(self.headers.items()), body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", str(len(receiver.body)))
                self.end_headers()
                self.wfile.write(receiver.body)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/hook"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def receiver():
    running = Receiver()
    yield running
    running.http.shutdown()
    running.http.server_close()


class Script:
    """Responds as Callboard. callbacks: handed out one after the other; a Response in their place
    is the response to the request for callbacks."""

    def __init__(self, server, response_type, callbacks):
        self.responses, self.created, self.deleted = [], [], threading.Event()
        self.reported, self._callbacks = threading.Event(), list(callbacks)
        self._response_type, self._wait = response_type, threading.Event()
        self._id = 0
        server.respond = self

    def __call__(self, request):
        response = self._response_type
        parts = request.path.removeprefix("/api/v1/listeners").strip("/").split("/")
        if request.method == "DELETE":
            self.deleted.set()
            return response(204)
        if parts == [""]:
            self.created.append(request.json())
            self._id += 1
            return response(201, LISTENER | {"id": f"l-{self._id}"})
        if request.method == "POST":
            self.responses.append((parts[0], parts[2], request.json()))
            self.reported.set()
            return response(204)
        following = self._callbacks.pop(0) if self._callbacks else None
        if isinstance(following, response):
            return following
        if following is None:
            # The server's lock is held meanwhile.
            self._wait.wait(0.02)
        data = [] if following is None else [following]
        return response(200, {"data": data, "is_replaced": False})


class Process:
    """`callboard listen` with what it prints."""

    def __init__(self, server, directory, *arguments):
        environ = os.environ | {
            "CALLBOARD_URL": server.url,
            "CALLBOARD_API_KEY": "k",
            "CALLBOARD_CONFIG_DIR": str(directory),
        }
        command = [sys.executable, "-m", "callboard", "listen", *arguments]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command,
            env=environ,
            stdout=pipe,
            stderr=pipe,
            text=True,
            # A suite that was started in the background may have it ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )

    def end(self, number=signal.SIGINT):
        """Returns exit code, stdout and stderr."""
        self._process.send_signal(number)
        output, errors = self._process.communicate(timeout=20)
        return self._process.returncode, output, errors

    def wait(self):
        output, errors = self._process.communicate(timeout=20)
        return self._process.returncode, output, errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_callback_is_forwarded_shown_reported_and_the_listener_deleted(
    server, Response, receiver, tmp_path, number
):
    script = Script(server, Response, [CALLBACK])
    arguments = ("--forward-to", receiver.url, "--event-types", "encoding.*,live.ended")
    process = Process(server, tmp_path, *arguments)
    assert script.reported.wait(20)
    code, output, errors = process.end(number)
    assert (code, script.deleted.is_set()) == (0, True)
    assert "encoding.finished  200 OK" in output
    assert "d-1  attempt 2" in output
    assert "Signing secret: whsec_AAAA" in errors
    [(path, headers, body)] = receiver.requests
    assert (path, body) == ("/hook?a=b", b'{"n":1}')
    assert (headers["webhook-id"], headers["content-type"]) == ("m-1", "x/y")
    [(_, callback_id, report)] = script.responses
    assert (callback_id, report["status"], report["body"]) == ("c-1", 200, "ok")
    assert script.created[0]["event_types"] == ["encoding.*", "live.ended"]


def test_what_the_receiver_says_about_a_failure_is_shown(server, Response, receiver, tmp_path):
    receiver.status, receiver.body = 500, b"KeyError: 'video'\n\x1b[31mmore"
    script = Script(server, Response, [CALLBACK])
    process = Process(server, tmp_path, "--forward-to", receiver.url, "--json")
    assert script.reported.wait(20)
    _, output, _ = process.end()
    assert json.loads(output)["status"] == 500
    second = Script(server, Response, [CALLBACK])
    process = Process(server, tmp_path, "--forward-to", receiver.url)
    assert second.reported.wait(20)
    _, output, _ = process.end()
    assert "500 Internal Server Error" in output
    assert "KeyError: 'video'" in output
    assert "\x1b" not in output


def test_a_receiver_that_does_not_run_is_reported_as_such(server, Response, receiver, tmp_path):
    receiver.http.shutdown()
    receiver.http.server_close()
    script = Script(server, Response, [CALLBACK])
    process = Process(server, tmp_path, "--forward-to", receiver.url)
    assert script.reported.wait(20)
    _, output, _ = process.end()
    assert "no response" in output
    [(_, _, report)] = script.responses
    assert "is your receiver running?" in report["error"]


def test_outages_of_the_server_do_not_end_it(server, Response, receiver, tmp_path):
    outages = [Response(503, {}), Response(0)]
    script = Script(server, Response, [*outages, CALLBACK])
    process = Process(server, tmp_path, "--forward-to", receiver.url)
    assert script.reported.wait(20)
    code, _, errors = process.end()
    assert code == 0
    assert errors.count("Retrying.") == 1
    assert "Connected again." in errors


def test_a_listener_that_a_person_deleted_ends_it(server, Response, receiver, problem, tmp_path):
    Script(server, Response, [problem(404, "not_found")])
    code, _, errors = Process(server, tmp_path, "--forward-to", receiver.url).wait()
    assert code == 1
    assert "Error: The listener was deleted on the server." in errors


def test_the_secret_of_a_machine_stays_the_same(server, Response, receiver, tmp_path):
    secrets = set()
    for _ in range(2):
        script = Script(server, Response, [CALLBACK])
        process = Process(server, tmp_path, "--forward-to", receiver.url)
        assert script.reported.wait(20)
        process.end()
        secrets.add(script.created[0]["secret"])
    assert len(secrets) == 1
    assert (tmp_path / "listen-secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_listener_that_expired_during_an_outage_is_created_again(
    server, Response, receiver, problem, client
):
    gone = problem(404, "not_found")
    script = Script(server, Response, [gone, CALLBACK, gone])
    session = Session(client, {}, Forwarder(receiver.url), lambda *_: None)
    session.start()
    session._heard_at -= 60
    # The second one is gone too early for that.
    with pytest.raises(CallboardError, match="deleted on the server"):
        session.run()
    assert script.reported.wait(20)
    assert [each[0] for each in script.responses] == ["l-2"]


@pytest.mark.parametrize("url", ["ftp://localhost/", "http://", "http://localhost:port"])
def test_a_url_that_is_none_is_a_usage_error(url, capsys, monkeypatch):
    monkeypatch.setenv("CALLBOARD_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("CALLBOARD_API_KEY", "k")
    assert run(["listen", "--forward-to", url, "--secret", "whsec_AAAA"]) == 2
    assert "is not a URL such as" in capsys.readouterr().err


def test_bytes_that_are_no_text_arrive_and_are_reported_unchanged(receiver):
    receiver.body = b"\xff\xfe"
    body = {"text": "/w==", "encoding": "base64", "bytes": 1}
    outcome = Forwarder(receiver.url).forward(CALLBACK | {"body": body})
    assert receiver.requests[0][2] == b"\xff"
    assert (outcome.report["body"], outcome.report["body_encoding"]) == ("//4=", "base64")
