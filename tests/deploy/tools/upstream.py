"""An HTTP server behind a proxy that records what arrives, at the moment it arrives."""

from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Self


class Upstream:
    """headers: of each request, by path. go_on: releases the second part of /live."""

    def __init__(self, port: int = 0) -> None:
        self.headers: dict[str, Message] = {}
        self.go_on = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def arrived(self, path: str) -> bool:
        """Whether the request line and headers have come, complete or not."""
        return path in self.headers

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            upstream.headers[self.path] = self.headers
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("X-Accel-Buffering", "no")
            self.end_headers()
            self.wfile.write(b"first")
            if self.path == "/live":
                self.wfile.flush()
                upstream.go_on.wait(20)
                self.wfile.write(b"second")

        do_POST = do_GET  # noqa: N815 -- the name that the base class looks for

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    return Handler
