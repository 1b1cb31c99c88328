"""A receiver fast enough not to be the bottleneck, in its own process.

The path selects its behavior: `/ok/...` responds immediately, `/after/<ms>/...` after a delay,
`/hang/...` never.
"""

import heapq
import multiprocessing
import re
import select
import socket
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any, Self

RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_LENGTH = re.compile(rb"(?i)content-length: (\d+)")
_ID = re.compile(rb"(?i)webhook-id: (\S+)")
_AFTER = re.compile(rb"\S+ /after/(\d+)/")
_SENT_AT = re.compile(rb'"sent_at":\s?(\d+)')


class Receiver:
    """A context manager. `url(kind, name, host)`; `report()` returns and resets the records."""

    def __init__(self, hosts: int = 1) -> None:
        """hosts: loopback addresses on which it listens, all on one port."""
        self._addresses = [f"127.0.0.{n + 1}" for n in range(hosts)]

    def __enter__(self) -> Self:
        self._pipe, child_pipe = multiprocessing.Pipe()
        self._process = multiprocessing.Process(
            target=_serve, args=(child_pipe, self._addresses), daemon=True
        )
        self._process.start()
        self.port: int = self._pipe.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

    def url(self, kind: str, name: object, host: int = 0) -> str:
        return f"http://{self._addresses[host]}:{self.port}/{kind}/{name}"

    def report(self) -> dict[str, Any]:
        """`responded`: [(monotonic seconds, kind, latency in ms or None)]; `ids`: requests by
        webhook-id; `seen`: all requests, with or without a response."""
        self._pipe.send("report")
        report: dict[str, Any] = self._pipe.recv()
        return report

    def count(self) -> int:
        """Requests responded to since the last report."""
        self._pipe.send("count")
        number: int = self._pipe.recv()
        return number


class _State:
    def __init__(self) -> None:
        self.responded: list[tuple[float, str, float | None]] = []
        self.ids: Counter[bytes] = Counter()
        self.seen = 0


def _serve(pipe: Connection, addresses: Sequence[str]) -> None:
    listeners: dict[int, socket.socket] = {}
    port, epoll = 0, select.epoll()
    for address in addresses:
        listener = socket.create_server((address, port), backlog=4096)
        port = listener.getsockname()[1]
        listeners[listener.fileno()] = listener
        epoll.register(listener.fileno(), select.EPOLLIN)
    pipe.send(port)
    epoll.register(pipe.fileno(), select.EPOLLIN)
    peers: dict[int, tuple[socket.socket, bytearray]] = {}
    later: list[tuple[float, int]] = []
    state = _State()
    while True:
        wait = max(0.0, later[0][0] - time.monotonic()) if later else None
        for number, _ in epoll.poll(wait):
            if number in listeners:
                peer, _ = listeners[number].accept()
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                peers[peer.fileno()] = (peer, bytearray())
                epoll.register(peer.fileno(), select.EPOLLIN)
            elif number == pipe.fileno():
                state = _report(pipe, state)
            else:
                _read(number, peers, later, state)
        while later and later[0][0] <= time.monotonic():
            _, number = heapq.heappop(later)
            if number in peers:
                _respond(peers[number][0])


def _report(pipe: Connection, state: _State) -> _State:
    if pipe.recv() == "count":
        pipe.send(len(state.responded))
        return state
    pipe.send({"responded": state.responded, "ids": state.ids, "seen": state.seen})
    return _State()


def _read(
    number: int,
    peers: dict[int, tuple[socket.socket, bytearray]],
    later: list[tuple[float, int]],
    state: _State,
) -> None:
    peer, buffer = peers[number]
    try:
        data = peer.recv(262144)
    except OSError:
        data = b""
    if not data:
        peers.pop(number)[0].close()
        return
    buffer += data
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return
    head = bytes(buffer[:end])
    length = _LENGTH.search(head)
    if len(buffer) < end + 4 + (int(length[1]) if length else 0):
        return
    pause = _record(head, buffer, state)
    if pause is None:
        _respond(peer)
    elif pause >= 0:
        heapq.heappush(later, (time.monotonic() + pause, number))
    buffer.clear()


def _record(head: bytes, buffer: bytearray, state: _State) -> float | None:
    """Seconds until the response; None: immediately; negative: never."""
    now = time.monotonic()
    state.seen += 1
    identity = _ID.search(head)
    if identity:
        state.ids[identity[1]] += 1
    kind = head.split(b" ", 2)[1].split(b"/", 2)[1].decode()
    if kind == "hang":
        return -1.0
    sent = _SENT_AT.search(buffer, 0, 4096)
    latency = (time.time_ns() - int(sent[1])) / 1e6 if sent else None
    state.responded.append((now, kind, latency))
    after = _AFTER.match(head)
    return int(after[1]) / 1000 if after else None


def _respond(peer: socket.socket) -> None:
    try:
        peer.send(RESPONSE)
    except OSError:
        # The peer closed the connection; the next read will notice.
        return
