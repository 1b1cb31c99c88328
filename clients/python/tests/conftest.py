"""A real HTTP server in place of Callboard, scripted by each test."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from callboard import Callboard, RetryPolicy

SOURCE = Path(__file__).resolve().parents[1] / "src"
KEY = "cb_key-of-tests"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Response:
    """status 0: the connection is closed without a response."""

    status: int = 200
    document: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def problem(status: int, code: str, detail: str = "", **more: Any) -> Response:
    document = {"status": status, "code": code, "title": code, "detail": detail, **more}
    headers = {"Content-Type": "application/problem+json"} | more.pop("headers", {})
    return Response(status, document, headers)


class Server:
    """`.requests` came in; `.respond` decides what goes out, and may be replaced."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.respond: Callable[[Request], Response] = lambda _: Response(200, {})
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        # The short interval is how long closing may take.
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()

    def responds_with(self, *responses: Response) -> None:
        """One after the other; the last one remains."""
        queue = list(responses)
        self.respond = lambda _: queue.pop(0) if len(queue) > 1 else queue[0]

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                query = dict(parse_qsl(parts.query))
                request = Request(self.command, parts.path, query, self.headers, body)
                with server._lock:
                    server.requests.append(request)
                    response = server.respond(request)
                if not response.status:
                    self.close_connection = True
                    return
                self._send(response)

            def _send(self, response: Response) -> None:
                document = response.document
                is_raw = isinstance(document, bytes)
                content = document if is_raw else json.dumps(document).encode()
                self.send_response(response.status)
                headers = {"Content-Type": "application/json"} | response.headers
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def __getattr__(self, name: str) -> Any:
                # http.server looks for do_<METHOD>.
                if name.startswith("do_"):
                    return self.handle_any
                raise AttributeError(name)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes find the package; a developer's own settings change no test."""
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    for name in [name for name in os.environ if name.startswith("CALLBOARD_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def client(server: Server) -> Iterator[Callboard]:
    """Retries without waiting."""
    policy = RetryPolicy(retries=3, initial_delay=0.001, max_delay=0.001)
    with Callboard(server.url, KEY, retry_policy=policy) as callboard:
        yield callboard


def accepting(request: Request) -> Response:
    """As /events and /events/batch respond; what came in before is a duplicate."""
    document = request.json()
    if request.path.endswith("/batch"):
        return Response(202, {"events": [accepted_event(each) for each in document["events"]]})
    return Response(202, accepted_event(document))


def accepted_event(event: dict[str, Any]) -> dict[str, Any]:
    return {"id": event.get("id"), "type": event["type"], "deliveries": [], "duplicate": False}


@pytest.fixture(name="problem")
def problem_fixture() -> Callable[..., Response]:
    return problem


@pytest.fixture(name="Response")
def response_fixture() -> type[Response]:
    return Response


@pytest.fixture(name="accepting")
def accepting_fixture() -> Callable[[Request], Response]:
    return accepting
