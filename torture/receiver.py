"""The receiver of a run, which writes down what arrives."""

import json
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from torture.history import History


class Receiver:
    """Records each request. `/<name>` responds at once, `/slow` after a moment, and `/flaky` fails
    every fifth time."""

    def __init__(self, history: History) -> None:
        self.history = history
        # Name in the URL -> the webhook's id.
        self.webhooks: dict[str, str] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.receiver = self  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: senders are killed."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        began = time.monotonic()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        name = self.path.strip("/")
        status = 500 if name == "flaky" and random.random() < 0.2 else 200
        if name == "slow":
            time.sleep(random.uniform(0.02, 0.3))
        # Not after the response: the next request may arrive before this thread continues.
        ended = time.monotonic()
        try:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            self.wfile.flush()
        except OSError:
            status = 0
        receiver.history.add(
            "received",
            webhook=receiver.webhooks.get(name, name),
            event=body["data"]["event"],
            event_id=self.headers["X-Callboard-Event-Id"],
            delivery=self.headers["X-Callboard-Delivery-Id"],
            identity=self.headers["webhook-id"],
            status=status,
            began=began,
            at=ended,
        )

    def log_message(self, *_: object) -> None:
        """Log nothing."""
