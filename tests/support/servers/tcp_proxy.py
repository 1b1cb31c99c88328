"""A network between two servers: it can be slow, or lose everything for a while."""

import selectors
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

_CHUNK = 65_536
# How long a thread waits before it looks whether something has changed.
_POLL_SECONDS = 0.02


class TcpProxy:
    """`.port` on loopback, forwarded to what `connect` opens.

    `delay_to`, `delay_from`: seconds before each byte to the server and from it. `cut()`: from now
    on nothing arrives on either side, and nobody is told. `mend()`: what was held back arrives,
    late, and new connections work again. `close()` when done.
    """

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self.delay_to = self.delay_from = 0.0
        self._connect = connect
        self._is_open, self._is_closed = threading.Event(), threading.Event()
        self._is_open.set()
        self._server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._server.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def cut(self) -> None:
        self._is_open.clear()

    def mend(self) -> None:
        self._is_open.set()

    def close(self) -> None:
        self._is_closed.set()
        self._is_open.set()
        for thread in self._threads:
            thread.join()
        for each in (*self._sockets, self._server):
            each.close()

    def _accept(self) -> None:
        self._server.settimeout(_POLL_SECONDS)
        while not self._is_closed.is_set():
            with suppress(TimeoutError):
                # While the network is cut, the kernel completes connections that nobody answers.
                self._is_open.wait()
                near = self._server.accept()[0]
                far = self._connect()
                self._sockets += [near, far]
                for source, target in ((near, far), (far, near)):
                    thread = threading.Thread(
                        target=self._forward, args=(source, target, target is far)
                    )
                    self._threads.append(thread)
                    thread.start()

    def _forward(self, source: socket.socket, target: socket.socket, is_to_server: bool) -> None:
        with selectors.DefaultSelector() as selector, suppress(OSError):
            source.setblocking(True)
            selector.register(source, selectors.EVENT_READ)
            while not self._is_closed.is_set():
                if not selector.select(_POLL_SECONDS):
                    continue
                data = source.recv(_CHUNK)
                self._is_open.wait()
                if not data:
                    break
                self._pass_on(data, target, self.delay_to if is_to_server else self.delay_from)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def _pass_on(self, data: bytes, target: socket.socket, delay: float) -> None:
        if not delay:
            target.sendall(data)
            return
        for position in range(len(data)):
            if self._is_closed.is_set():
                return
            time.sleep(delay)
            target.sendall(data[position : position + 1])
