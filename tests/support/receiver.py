"""A real HTTP receiver on loopback that keeps what came and answers as told."""

import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Received:
    """One request. headers: in the order and letters in which they came. at: monotonic seconds."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes
    at: float

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    delay: float = 0.0


class Receiver:
    """`.url`, `.requests`, `.answer(...)`, `.wait_for(n)`; `close()` when done."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self._news = threading.Condition()
        self._next: deque[Answer] = deque()
        self._standing = Answer()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.receiver = self
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        # A short poll, since the end of every test waits for it.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def answer(
        self,
        status: int = 200,
        headers: Headers = (),
        body: bytes = b"",
        delay: float = 0.0,
        *,
        times: int | None = None,
    ) -> None:
        """Answer so from now on or, with `times`, to that many requests (queued after earlier
        ones) before the standing answer applies again. delay: seconds before the first byte."""
        answer = Answer(status, tuple(headers), body, delay)
        with self._news:
            if times is None:
                self._standing = answer
            else:
                self._next.extend([answer] * times)

    def wait_for(self, count: int, timeout: float = 10.0) -> list[Received]:
        """The requests, once at least `count` have come. AssertionError after `timeout` s."""
        with self._news:
            arrived = self._news.wait_for(lambda: len(self.requests) >= count, timeout)
            assert arrived, f"{len(self.requests)} of {count} requests came within {timeout} s"
            return list(self.requests)

    def clear(self) -> None:
        """Forget what came."""
        with self._news:
            self.requests.clear()

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, request: Received) -> Answer:
        with self._news:
            self.requests.append(request)
            self._news.notify_all()
            return self._next.popleft() if self._next else self._standing

    def pause(self, seconds: float) -> None:
        if seconds:
            self._closing.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512
    receiver: Receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that hangs up is nothing to print."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def __getattr__(self, name: str) -> Any:
        # http.server looks for do_<METHOD>; every method is as good as another here.
        if name.startswith("do_"):
            return self._receive
        raise AttributeError(name)

    def _receive(self) -> None:
        parts = urlsplit(self.path)
        pairs = list(self.headers.items())
        body = self._read_body()
        answer = self.server.receiver.take(
            Received(self.command, parts.path, parts.query, pairs, body, time.monotonic())
        )
        self.server.receiver.pause(answer.delay)
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        given = {name.lower() for name, _ in answer.headers}
        for name, value in answer.headers:
            self.send_header(name, value)
        bodiless = answer.status in (204, 304) or answer.status < 200
        if "content-length" not in given and not bodiless:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD" and not bodiless:
            self.wfile.write(answer.body)

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
        """Say nothing."""
