"""A real HTTP receiver on loopback that records requests and sends scripted responses."""

import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.support.waiting import PATIENCE_SECONDS

Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Received:
    """One request. headers: in their original order and spelling. at: monotonic seconds."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes
    at: float

    def header(self, name: str) -> str | None:
        """The first value of a header, regardless of case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Response:
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    delay: float = 0.0


class Receiver:
    """`.url`, `.requests`, `.respond(...)`, `.wait_for(n)`, `.release()`; `close()` when done."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.requests: list[Received] = []
        self._changed = threading.Condition()
        self._queued: deque[Response] = deque()
        self._default = Response()
        self._closing = threading.Event()
        self._releases = 0
        self._server = _Server((address, 0), _Handler)
        self._server.receiver = self
        self.port: int = self._server.server_address[1]
        self.url = f"http://{address}:{self.port}"
        # A short poll, since the end of every test waits for it.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def respond(
        self,
        status: int = 200,
        headers: Headers = (),
        body: bytes = b"",
        delay: float = 0.0,
        *,
        times: int | None = None,
    ) -> None:
        """Set the default response or, with `times`, queue it for that many requests, after which
        the default applies again. delay: seconds before the first byte."""
        response = Response(status, tuple(headers), body, delay)
        with self._changed:
            if times is None:
                self._default = response
            else:
                self._queued.extend([response] * times)

    def wait_for(self, count: int, timeout: float = PATIENCE_SECONDS) -> list[Received]:
        """Return the requests once `count` have arrived; AssertionError after `timeout` seconds."""
        with self._changed:
            arrived = self._changed.wait_for(lambda: len(self.requests) >= count, timeout)
            assert arrived, f"{len(self.requests)} of {count} requests arrived within {timeout} s"
            return list(self.requests)

    def clear(self) -> None:
        """Discard the recorded requests."""
        with self._changed:
            self.requests.clear()

    def close(self) -> None:
        self._closing.set()
        self.release()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def record(self, request: Received) -> Response:
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
            return self._queued.popleft() if self._queued else self._default

    def release(self) -> None:
        """End the delays of the requests that wait for their response."""
        with self._changed:
            self._releases += 1
            self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        if seconds:
            with self._changed:
                before = self._releases
                self._changed.wait_for(
                    lambda: self._closing.is_set() or self._releases != before, seconds
                )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512
    receiver: Receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: senders may close the connection."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def __getattr__(self, name: str) -> Any:
        # http.server looks for do_<METHOD>; all methods are handled alike.
        if name.startswith("do_"):
            return self._receive
        raise AttributeError(name)

    def _receive(self) -> None:
        parts = urlsplit(self.path)
        pairs = list(self.headers.items())
        body = self._read_body()
        response = self.server.receiver.record(
            Received(self.command, parts.path, parts.query, pairs, body, time.monotonic())
        )
        self.server.receiver.pause(response.delay)
        self._send(response)

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        names = {name.lower() for name, _ in response.headers}
        for name, value in response.headers:
            self.send_header(name, value)
        bodiless = response.status in (204, 304) or response.status < 200
        if "content-length" not in names and not bodiless:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD" and not bodiless:
            self.wfile.write(response.body)

    def _read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._read_chunks()
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _read_chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_: object) -> None:
        """Log nothing."""
