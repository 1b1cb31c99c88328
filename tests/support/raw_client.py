"""An HTTP client that sends bytes as they are given, and reads responses from the socket."""

import json
import socket
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from tests.support.waiting import PATIENCE_SECONDS


@dataclass(frozen=True)
class Answer:
    """headers: by name in lower case; of a repeated one the last."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class RawClient:
    """One connection to the host and port of `url`."""

    def __init__(self, url: str, seconds: float = PATIENCE_SECONDS) -> None:
        parts = urlsplit(url)
        self.host = parts.netloc
        self.socket = socket.create_connection((parts.hostname or "", parts.port or 80), seconds)
        self._unread = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self.socket.sendall(part)

    def response(self, method: str = "GET") -> Answer:
        """The next response; EOFError if the connection ends before it. method: of the request."""
        while b"\r\n\r\n" not in self._unread:
            self._receive()
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        status = int(first.split(" ")[1])
        if status == 100:
            return Answer(status, headers, b"")
        return Answer(status, headers, self._body(method, status, headers))

    def ends(self) -> bool:
        """Whether the server closes the connection without sending more."""
        try:
            return not self._unread and not self.socket.recv(1)
        except ConnectionError:
            return True

    def _body(self, method: str, status: int, headers: dict[str, str]) -> bytes:
        if method == "HEAD" or status in (204, 304):
            return b""
        if headers.get("transfer-encoding") == "chunked":
            return self._chunks()
        if "content-length" in headers:
            return self._take(int(headers["content-length"]))
        while True:
            try:
                self._receive()
            except EOFError:
                return self._take(len(self._unread))

    def _chunks(self) -> bytes:
        body = b""
        while True:
            while b"\r\n" not in self._unread:
                self._receive()
            size, _, self._unread = self._unread.partition(b"\r\n")
            body += self._take(int(size, 16))
            assert self._take(2) == b"\r\n"
            if not int(size, 16):
                return body

    def _take(self, size: int) -> bytes:
        while len(self._unread) < size:
            self._receive()
        taken, self._unread = self._unread[:size], self._unread[size:]
        return taken

    def _receive(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise EOFError(self._unread)
        self._unread += data


def request_bytes(
    method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
) -> bytes:
    """headers: besides Host and Content-Length."""
    fields = {"Host": "callboard.test"} | (headers or {})
    if body is not None:
        fields["Content-Length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")
