"""A libcurl handle, reused for one transfer after another."""

import contextlib
import os
import socket
import time
from typing import Any

import pycurl

from app.domain.addresses.guard import AddressGuard
from app.sending.http.failures import Failure
from app.sending.http.request import Outgoing
from app.sending.http.sockets import LentSocket

# Bytes. The rest of a longer response body is discarded ...
MAX_KEPT_BODY = 64 * 1024
# ... and read up to here, so that its connection can be reused.
MAX_READ_BODY = 256 * 1024
MAX_HEAD = 32 * 1024
# An idle handle may keep a request body of this size.
_SMALL_BODY = 4096
# Disables libcurl's connect timeout: HttpClient keeps the deadlines.
_NEVER_MS = 24 * 3600 * 1000
_NO_RESPONSE = frozenset({pycurl.E_GOT_NOTHING, pycurl.E_SEND_ERROR, pycurl.E_RECV_ERROR})


class CurlHandle:
    """Configured once; `begin` sets the options of one request.

    watched: the epoll masks of the client's sockets, by descriptor. A new socket's entry is
    removed, since it belongs to the descriptor's previous owner. idle: where it waits."""

    __slots__ = (
        "_fds",
        "_guard",
        "_is_opened",
        "_kind",
        "_sent",
        "_target",
        "_url",
        "_watched",
        "body",
        "body_size",
        "curl",
        "had_open",
        "head",
        "head_size",
        "idle",
        "is_cut",
        "is_head_too_large",
        "is_over_head",
        "is_refused",
        "is_repeated",
        "is_reused",
        "launched",
        "open_error",
        "outgoing",
        "remote",
    )
    idle: "list[CurlHandle]"

    def __init__(self, guard: AddressGuard, ca_file: str, watched: dict[int, int]) -> None:
        self._guard = guard
        self._watched = watched
        self._url = self._target = self._kind = ""
        self.curl = pycurl.Curl()
        self._set_up(ca_file)

    def _set_up(self, ca_file: str) -> None:
        for option, value in (
            (pycurl.NOSIGNAL, 1),
            (pycurl.PROXY, ""),  # Otherwise libcurl reads http_proxy and the like.
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
            (pycurl.FOLLOWLOCATION, 0),
            (pycurl.PATH_AS_IS, 1),
            (pycurl.CAINFO, ca_file),
            (pycurl.SSL_VERIFYPEER, 1),
            (pycurl.SSL_VERIFYHOST, 2),
            (pycurl.CONNECTTIMEOUT_MS, _NEVER_MS),
            (pycurl.BUFFERSIZE, 2048),
            (pycurl.UPLOAD_BUFFERSIZE, 16384),
            (pycurl.OPENSOCKETFUNCTION, self._open),
            (pycurl.SOCKOPTFUNCTION, self._opened),
            (pycurl.PREREQFUNCTION, self._before_send),
            (pycurl.HEADERFUNCTION, self._on_header),
            (pycurl.WRITEFUNCTION, self._on_body),
        ):
            self.curl.setopt(option, value)

    def begin(self, outgoing: Outgoing, pin: str | tuple[str, ...] | None) -> None:
        """Prepare for being added to the multi. pin: `host:port:address,...` for RESOLVE."""
        curl = self.curl
        self.outgoing = outgoing
        if outgoing.origin.url != self._url:
            self._url = outgoing.origin.url
            curl.setopt(pycurl.URL, self._url)
        if outgoing.target != self._target:
            self._target = outgoing.target
            curl.setopt(pycurl.REQUEST_TARGET, self._target)
        self._set_method(outgoing.method, bool(outgoing.body))
        if outgoing.body:
            curl.setopt(pycurl.POSTFIELDS, outgoing.body)
        curl.setopt(pycurl.HTTPHEADER, outgoing.options)
        if pin is not None:
            curl.setopt(pycurl.RESOLVE, [pin])
        self.is_repeated = False
        self._reset()

    def _set_method(self, method: str, has_body: bool) -> None:
        kind = f"{method} with a body" if has_body else method
        if kind == self._kind:
            return
        self._kind = kind
        if method == "HEAD":
            self.curl.setopt(pycurl.NOBODY, 1)
        elif has_body:
            self.curl.setopt(pycurl.POST, 1)
        else:
            self.curl.setopt(pycurl.HTTPGET, 1)
        self.curl.setopt(pycurl.CUSTOMREQUEST, method)

    def _reset(self) -> None:
        self.launched = time.monotonic()
        self.head: list[bytes] = []
        self.body: list[bytes] = []
        self.head_size = self.body_size = self._sent = self.open_error = 0
        self.is_over_head = self.is_head_too_large = self.is_cut = False
        self.is_refused = self.is_reused = self._is_opened = self.had_open = False
        self._fds: list[int] = []
        self.remote: str | None = None

    def should_repeat(self, code: int) -> bool:
        """Whether to repeat the request on a new connection, within the same attempt: it failed
        because a reused connection had died, and no part of a response arrived."""
        if self.is_repeated or self.head or self.is_refused:
            return False
        aborted = code == pycurl.E_ABORTED_BY_CALLBACK
        return aborted or (self.is_reused and code in _NO_RESPONSE)

    def repeat(self) -> None:
        self.is_repeated = True
        self.curl.setopt(pycurl.FRESH_CONNECT, 1)
        self._reset()

    def release(self) -> None:
        """Free the memory of the last transfer."""
        if self.is_repeated:
            self.curl.setopt(pycurl.FRESH_CONNECT, 0)
        if len(self.outgoing.body) > _SMALL_BODY:
            self.curl.setopt(pycurl.POSTFIELDS, b"")
            self._kind = ""
            self.outgoing.body = b""
        self.head, self.body = [], []

    def failure(self, code: int, message: str) -> Failure:
        get = self.curl.getinfo
        os_error = self.open_error or get(pycurl.OS_ERRNO)
        verify_result = get(pycurl.SSL_VERIFYRESULT)
        has_head = self.has_final_head
        return Failure(code, message, os_error, verify_result, has_head, self.body_size)

    def phase(self) -> str:
        """Return the cause of a timeout now: the phase that the transfer is in."""
        get = self.curl.getinfo
        if self.has_final_head:
            return "timeout_read"
        if self._sent:
            is_sent = get(pycurl.SIZE_UPLOAD_T) >= len(self.outgoing.body)
            return "timeout_wait" if is_sent else "timeout_send"
        return "timeout_tls" if self._is_connected() else "timeout_connect"

    def _is_connected(self) -> bool:
        """Whether a socket is connected; libcurl reports that only after the TLS handshake."""
        for fd in self._fds:
            with contextlib.suppress(OSError), socket.socket(fileno=os.dup(fd)) as copy:
                copy.getpeername()
                return True
        return False

    @property
    def has_final_head(self) -> bool:
        """Whether the status line of the final (not 1xx) response has arrived."""
        return bool(self.head) and self.head[0].split(b" ", 2)[1:2] >= [b"2"]

    def _open(self, _purpose: int, address: Any) -> Any:
        if not self._guard.allowed(address.addr[0], self.outgoing.url, self.outgoing.origin.port):
            self.is_refused = True
            return pycurl.SOCKET_BAD
        try:
            lent = LentSocket(address.family, address.socktype, address.protocol)
        except OSError as error:
            self.open_error = error.errno or 0
            return pycurl.SOCKET_BAD
        self._is_opened = self.had_open = True
        return lent

    def _opened(self, fd: int, _purpose: int) -> int:
        # The descriptor was closed by its previous owner.
        self._watched.pop(fd, None)
        self._fds.append(fd)
        return 0

    def _before_send(self, remote: str, *_: object) -> int:
        """Called before the request is sent, also on a reused connection, where `_open` is not.

        libcurl alone would send it up to six times, when one idle connection after another turns
        out to be dead. The second time it may use a new connection only (see `repeat`)."""
        if not self._guard.allowed(remote, self.outgoing.url, self.outgoing.origin.port):
            self.is_refused = True
            return int(pycurl.PREREQFUNC_ABORT)
        if self._sent and not self._is_opened:
            return int(pycurl.PREREQFUNC_ABORT)
        self._sent += 1
        self.is_reused = not self._is_opened
        self._is_opened = False
        self.remote = remote
        return int(pycurl.PREREQFUNC_OK)

    def _on_header(self, header: bytes) -> int | None:
        if self.is_over_head:
            if not header.startswith(b"HTTP/"):
                return self._on_trailer(header)
            # The previous head was a 1xx response.
            self.head, self.head_size, self.is_over_head = [], 0, False
        self.head_size += len(header)
        if self.head_size > MAX_HEAD:
            self.is_head_too_large = True
            return 0
        self.head.append(header)
        if header in {b"\r\n", b"\n"}:
            self.is_over_head = True
        return None

    def _on_trailer(self, header: bytes) -> int | None:
        self.head_size += len(header)
        return None if self.head_size <= MAX_HEAD else 0

    def _on_body(self, data: bytes) -> int | None:
        before = self.body_size
        self.body_size = before + len(data)
        if self.body_size <= MAX_KEPT_BODY:
            self.body.append(data)
        elif before < MAX_KEPT_BODY:
            self.body.append(data[: MAX_KEPT_BODY - before])
        elif self.body_size > MAX_READ_BODY:
            self.is_cut = True
            return 0
        return None
