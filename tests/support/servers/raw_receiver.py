"""A receiver whose handler gets the raw connection, to send broken or malicious responses."""

import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress


class Connection:
    """One connection, served in its own thread. number: how many were accepted before it."""

    def __init__(self, raw: socket.socket, number: int, closing: threading.Event) -> None:
        self.socket = raw
        self.number = number
        self._closing = closing
        self._unread = b""

    def read_request(self) -> bytes:
        """Return the bytes of one request; empty when the peer has closed."""
        while b"\r\n\r\n" not in self._unread:
            if not self._receive():
                return b""
        head, _, body = self._unread.partition(b"\r\n\r\n")
        length = 0
        for header in head.split(b"\r\n")[1:]:
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            if not self._receive():
                break
            body = self._unread.partition(b"\r\n\r\n")[2]
        self._unread = body[length:]
        return head + b"\r\n\r\n" + body[:length]

    def _receive(self) -> bool:
        data = self.socket.recv(65536)
        self._unread += data
        return bool(data)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def hang(self, seconds: float = 30.0) -> bool:
        """Do nothing until the test ends. Returns False if `seconds` pass first."""
        return self._closing.wait(seconds)

    def reset(self) -> None:
        """Close so that the peer gets RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


Handler = Callable[[Connection], None]


def _secured(raw: socket.socket, tls: ssl.SSLContext) -> socket.socket:
    secured = tls.wrap_socket(raw, server_side=True, do_handshake_on_connect=False)
    try:
        secured.do_handshake()
    except OSError:
        # Closing with unread bytes resets the connection, and the peer would miss our alert.
        with suppress(OSError), secured, socket.socket(fileno=os.dup(secured.fileno())) as copy:
            copy.settimeout(5)
            while copy.recv(65536):
                pass
        raise
    return secured


class RawReceiver:
    """`handle` is called for each connection; `close()` closes all of them."""

    def __init__(
        self,
        handle: Handler,
        *,
        tls: ssl.SSLContext | None = None,
        address: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._handle = handle
        self._tls = tls
        self._closing = threading.Event()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, port), family=family, backlog=2048)
        self._open: list[socket.socket] = []
        self.connections = 0
        self.port: int = self._listener.getsockname()[1]
        scheme = "https" if tls else "http"
        host = f"[{address}]" if ":" in address else address
        self.url = f"{scheme}://{host}:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            connection.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            number, self.connections = self.connections, self.connections + 1
            self._open.append(raw)
            threading.Thread(target=self._serve, args=(raw, number), daemon=True).start()

    def _serve(self, raw: socket.socket, number: int) -> None:
        # A sender that aborts interrupts the handshake, a read or a write: nothing to report.
        with suppress(OSError):
            if self._tls is not None:
                raw = _secured(raw, self._tls)
                self._open.append(raw)
            with raw:
                self._handle(Connection(raw, number, self._closing))
