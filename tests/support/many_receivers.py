"""Two receivers in a process of their own, for more connections than threads can serve."""

import multiprocessing
import select
import socket
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Crowd:
    """hanging, fast: URLs. Requests must fit into one read: no body or a short one."""

    def __init__(self) -> None:
        # A forked child would keep this process's sockets open.
        context = multiprocessing.get_context("spawn")
        self._pipe, child_pipe = context.Pipe()
        self._process = context.Process(target=_serve, args=(child_pipe,), daemon=True)
        self._process.start()
        ports = self._pipe.recv()
        self.hanging, self.fast = (f"http://127.0.0.1:{port}/" for port in ports)

    def connections(self) -> int:
        """How many connections the fast receiver has accepted so far."""
        self._pipe.send("connections?")
        return int(self._pipe.recv())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.join()
        self._process.close()
        self._pipe.close()


def _serve(pipe: Connection) -> None:
    hanging, fast = (socket.create_server(("127.0.0.1", 0), backlog=4096) for _ in range(2))
    pipe.send([hanging.getsockname()[1], fast.getsockname()[1]])
    epoll = select.epoll()
    for number in (hanging.fileno(), fast.fileno(), pipe.fileno()):
        epoll.register(number, select.EPOLLIN)
    hanging_peers: list[socket.socket] = []
    peers: dict[int, socket.socket] = {}
    connections = 0
    while True:
        for number, _ in epoll.poll():
            if number == hanging.fileno():
                hanging_peers.append(hanging.accept()[0])
            elif number == fast.fileno():
                peer = fast.accept()[0]
                peers[peer.fileno()] = peer
                epoll.register(peer.fileno(), select.EPOLLIN)
                connections += 1
            elif number == pipe.fileno():
                pipe.recv()
                pipe.send(connections)
            elif peers[number].recv(65536):
                peers[number].send(RESPONSE)
            else:
                peers.pop(number).close()
