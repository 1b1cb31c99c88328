"""Run the application's pages, which are WSGI, in a thread."""

import asyncio
import io
import logging
import sys
from collections.abc import Callable, Iterable
from typing import Any

from app.http.front import responses
from app.http.front.arrived import Arrived, Headers, Reply, is_plain
from app.http.front.stream import ClientGone, Stream
from app.http.observing import REQUEST_ID, request_id_of

_log = logging.getLogger("callboard.http")

# A response with a length is sent as one up to this size; longer ones are streamed.
_COLLECTED = 256 << 10
_FAILED = b"Internal error.\n"

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class PageRun:
    """One call of the application. `run` belongs to a thread."""

    def __init__(
        self,
        application: Application,
        arrived: Arrived,
        reply: Reply,
        loop: asyncio.AbstractEventLoop,
        seconds: float,
    ) -> None:
        self._application, self._arrived, self._reply = application, arrived, reply
        self._loop, self._stream = loop, Stream(loop, reply, seconds)
        self._status, self._phrase = 0, ""
        self._headers: Headers = []
        self._is_streamed = False

    def run(self) -> None:
        try:
            self._run()
        except ClientGone:
            self._stream.end(is_broken=True)
        except Exception:  # noqa: BLE001 -- the client needs a response
            request_id = request_id_of(self._arrived.headers.get("x-request-id"))
            _log.exception("request %s: a page failed", request_id)
            if self._is_streamed:
                self._stream.end(is_broken=True)
            else:
                headers = [
                    ("Content-Type", "text/plain"),
                    # The connection stays open: without it a client would wait for more.
                    ("Content-Length", str(len(_FAILED))),
                    (REQUEST_ID, request_id),
                ]
                self._send(500, headers, _FAILED)

    def _run(self) -> None:
        parts = self._application(environ_of(self._arrived), self._start_response)
        try:
            self._pass_on(parts)
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()

    def _pass_on(self, parts: Iterable[bytes]) -> None:
        collected: list[bytes] = []
        left = _COLLECTED if self._is_short() else 0
        for part in parts:
            if self._is_streamed:
                if part:
                    self._stream.write(part)
                continue
            collected.append(part)
            left -= len(part)
            if left < 0:
                self._begin_stream()
                self._stream.write(b"".join(collected))
        if self._is_streamed:
            self._stream.end()
        else:
            self._send(self._status, self._headers, b"".join(collected))

    def _is_short(self) -> bool:
        """Whether the response may be sent as one: it has a length, or no body."""
        has_length = any(name.lower() == "content-length" for name, _ in self._headers)
        return has_length or not responses.has_body(self._arrived.method, self._status)

    def _begin_stream(self) -> None:
        self._check()
        self._is_streamed = True
        self._stream.begin(self._status, self._phrase, self._headers)

    def _send(self, status: int, headers: Headers, body: bytes) -> None:
        self._check()
        self._loop.call_soon_threadsafe(self._reply.send, status, headers, body)

    def _check(self) -> None:
        if not is_plain(self._headers):
            self._headers = []
            raise ValueError("a header of the response has control characters")

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        if exc_info and self._is_streamed:
            raise exc_info[1].with_traceback(exc_info[2])
        code, _, self._phrase = status.partition(" ")
        self._status, self._headers = int(code), headers
        return _no_write


def _no_write(_: bytes) -> None:
    raise NotImplementedError("write() of start_response is not supported; yield the body")


def environ_of(arrived: Arrived) -> Environ:
    """The WSGI environment, as gunicorn's other workers make it."""
    environ: Environ = {
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": arrived.scheme,
        "wsgi.input": io.BytesIO(arrived.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "SERVER_SOFTWARE": "gunicorn",
        "SERVER_PROTOCOL": f"HTTP/{arrived.version[0]}.{arrived.version[1]}",
        "SERVER_NAME": arrived.peer.server[0],
        "SERVER_PORT": str(arrived.peer.server[1]),
        "REMOTE_ADDR": arrived.peer.client[0],
        "REMOTE_PORT": str(arrived.peer.client[1]),
        "REQUEST_METHOD": arrived.method,
        "RAW_URI": arrived.target,
        "SCRIPT_NAME": "",
        "PATH_INFO": arrived.path_bytes.decode("latin-1"),
        "QUERY_STRING": arrived.query,
    }
    for name, value in arrived.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    if arrived.is_cut:
        # The body is too large for any page: each refuses it by its length.
        environ["CONTENT_LENGTH"] = str(arrived.size)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
    return environ
