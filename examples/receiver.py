#!/usr/bin/env python3
"""An example receiver: accepts any method, checks the signature, prints and stores each request.
Requires only Python.

    python3 examples/receiver.py --secret whsec_...      # listens on http://127.0.0.1:9000
    python3 examples/receiver.py --fail 2                # the third attempt of each succeeds
"""

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import os
import threading
import time
from collections import Counter
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOLERANCE_SECONDS = 300
FORM = "application/x-www-form-urlencoded"
TOKEN_HEADERS = ("x-streams-token", "x-callboard-token")


def proof(headers: Message, signed: bytes, secrets: list[str], now: float) -> tuple[bool, str]:
    """Check a Standard Webhooks signature: whether to trust the request, and the reason.
    signed: the body, or the query string if the method has no body."""
    header = headers.get("webhook-signature")
    if not secrets:
        return True, "not checked: no --secret was given" if header else "not signed"
    if not header:
        return False, "NOT VALID: no webhook-signature header"
    identity, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False, f"NOT VALID: the timestamp {timestamp!r} is more than 5 minutes off"
    message = f"{identity}.{timestamp}.".encode() + signed
    expected = [f"v1,{_mac(secret, message)}".encode() for secret in secrets]
    signatures = [text.encode() for text in header.split()]
    if any(hmac.compare_digest(a, b) for a in signatures for b in expected):
        return True, f"valid (Standard Webhooks, {now - int(timestamp):.0f} s old)"
    return False, "NOT VALID: wrong secret, or the content was changed"


def _mac(secret: str, message: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return base64.b64encode(hmac.digest(key, message, hashlib.sha256)).decode()


def token(headers: Message, expected: str | None) -> tuple[bool, str] | None:
    """Check a token in a header; None if there is none and none is expected."""
    value = next((headers[name] for name in TOKEN_HEADERS if headers.get(name)), None)
    if expected is None:
        return (True, "not checked: no --token was given") if value else None
    if value is not None and hmac.compare_digest(value.encode(), expected.encode()):
        return True, "valid"
    return False, "NOT VALID" if value else "NOT VALID: no token"


def legible(content_type: str, body: bytes) -> str:
    """JSON indented, a form as one line per value, anything else unchanged."""
    if content_type.startswith(FORM):
        pairs = parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True)
        return "\n".join(f"{name} = {value}" for name, value in pairs)
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body.decode("utf-8", "replace")


class Receiver(ThreadingHTTPServer):
    """Counts, prints and stores the requests of all connections."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__((options.host, options.port), Handler)
        self.options = options
        self._lock = threading.Lock()
        self._count = len(list(options.store.glob("*.head")))
        self._tries: Counter[str] = Counter()
        self._done: dict[str, int] = {}

    def take(self, request: "Handler", body: bytes) -> int:
        """Print and store one request; return the response status."""
        query = urlsplit(request.path).query
        signed = query.encode() if request.command in ("GET", "HEAD", "OPTIONS") else body
        checks = {"signature": proof(request.headers, signed, self.options.secret, time.time())}
        if tokened := token(request.headers, self.options.token):
            checks["token"] = tokened
        with self._lock:
            self._count += 1
            number = self._count
            status, remark = self._decide(request, number, [fine for fine, _ in checks.values()])
            name = self._store(request, number, body)
            self._print(request, number, query, body, checks)
            print(f"    -> {status}{remark}, stored in {name}.*\n", flush=True)
        return status

    def _decide(self, request: "Handler", number: int, trusted: list[bool]) -> tuple[int, str]:
        if not all(trusted):
            return 401, " (not trusted)"
        identity = request.headers.get("webhook-id") or f"{request.command} {request.path}"
        self._tries[identity] += 1
        if self.options.fail is None and self.options.status is not None:
            return self.options.status, " (because of --status)"
        if self._tries[identity] <= (self.options.fail or 0):
            return self.options.status or 500, f" (because of --fail {self.options.fail})"
        if identity in self._done and request.headers.get("webhook-id"):
            return 200, f" (a repeat of #{self._done[identity]}: receivers drop it)"
        self._done[identity] = number
        return 200, ""

    def _store(self, request: "Handler", number: int, body: bytes) -> str:
        self.options.store.mkdir(parents=True, exist_ok=True)
        stem = str(self.options.store / f"{number:05}")
        lines = [
            request.requestline,
            *(f"{name}: {value}" for name, value in request.headers.items()),
        ]
        Path(f"{stem}.head").write_text("\n".join(lines) + "\n")
        Path(f"{stem}.body").write_bytes(body)
        return stem

    def _print(
        self, request: "Handler", number: int, query: str, body: bytes, checks: dict[str, Any]
    ) -> None:
        headers = request.headers
        print(f"#{number} {request.command} {request.path}")
        for name in ("X-Callboard-Event-Type", "X-Callboard-Attempt", "webhook-id"):
            if headers.get(name):
                print(f"    {name.removeprefix('X-Callboard-').lower()}: {headers[name]}")
        for what, (_, words) in checks.items():
            print(f"    {what}: {words}")
        form = "application/x-www-form-urlencoded"
        text = (
            legible(headers.get("Content-Type", ""), body)
            if body
            else legible(form, query.encode())
        )
        for line in text.splitlines():
            print(f"    | {line}")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Receiver

    def __getattr__(self, name: str) -> Any:
        # http.server looks for do_<METHOD>; accept every method.
        if name.startswith("do_"):
            return self._receive
        raise AttributeError(name)

    def _receive(self) -> None:
        status = self.server.take(self, self._read_body())
        time.sleep(self.server.options.delay)
        content = b"" if status in (204, 304) else b'{"received": true}\n'
        self.send_response(status)
        if content:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _read_body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_: object) -> None:
        """Requests are printed already."""


def secret(text: str) -> str:
    if text.startswith(("whsk_", "whpk_")):
        raise argparse.ArgumentTypeError("v1a (ed25519) needs a library; sign with v1 to try it")
    try:
        base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise argparse.ArgumentTypeError("a secret is whsec_ and base64") from None
    return text


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    add("--port", type=int, default=9000, help="port to listen on (9000); 0 takes any")
    add("--secret", type=secret, action="append", help="whsec_..., several while one is rotated")
    add("--token", default=os.environ.get("CALLBOARD_TOKEN"), help="the secret token to expect")
    add("--store", type=Path, default=Path("received"), help="folder for requests (received)")
    add("--fail", type=int, metavar="N", help="reject the first N attempts of each callback")
    add("--status", type=int, help="status of rejections (500); without --fail: of all responses")
    add("--delay", type=float, default=0.0, metavar="SECONDS", help="wait before each response")
    options = parser.parse_args()
    known = os.environ.get("CALLBOARD_SECRET", "").split()
    options.secret = options.secret or [secret(text) for text in known]
    return options


def main() -> None:
    receiver = Receiver(arguments())
    host, port = receiver.server_address[:2]
    print(f"Listening on http://{host}:{port}/ - stop with Ctrl-C.\n", flush=True)
    try:
        receiver.serve_forever()
    except KeyboardInterrupt:
        print("Stopped.")


if __name__ == "__main__":
    main()
