"""A receiver that does not limit: a process of its own that reads, notes the time, and answers.

The path says how it behaves: `/ok/...` answers at once, `/after/<ms>/...` later, `/hang/...` never.
"""

import heapq
import multiprocessing
import re
import select
import socket
import time
from collections import Counter
from multiprocessing.connection import Connection
from typing import Any, Self

RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_LENGTH = re.compile(rb"(?i)content-length: (\d+)")
_ID = re.compile(rb"(?i)webhook-id: (\S+)")
_AFTER = re.compile(rb"\S+ /after/(\d+)/")
_SENT_AT = re.compile(rb'"sent_at":\s?(\d+)')


class Receiver:
    """Use it as a context. `url(kind, name)`; `report()` tells and forgets what came so far."""

    def __enter__(self) -> Self:
        self._pipe, there = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_serve, args=(there,), daemon=True)
        self._process.start()
        self.port: int = self._pipe.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

    def url(self, kind: str, name: object) -> str:
        return f"http://127.0.0.1:{self.port}/{kind}/{name}"

    def report(self) -> dict[str, Any]:
        """`answered`: [(monotonic seconds, kind, latency in ms or None)]; `ids`: how often each
        webhook-id came; `seen`: requests that came in, answered or not."""
        self._pipe.send("report")
        told: dict[str, Any] = self._pipe.recv()
        return told

    def count(self) -> int:
        """Requests that were answered since the last report."""
        self._pipe.send("count")
        number: int = self._pipe.recv()
        return number


class _State:
    def __init__(self) -> None:
        self.answered: list[tuple[float, str, float | None]] = []
        self.ids: Counter[bytes] = Counter()
        self.seen = 0


def _serve(pipe: Connection) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    pipe.send(listener.getsockname()[1])
    epoll = select.epoll()
    epoll.register(listener.fileno(), select.EPOLLIN)
    epoll.register(pipe.fileno(), select.EPOLLIN)
    peers: dict[int, tuple[socket.socket, bytearray]] = {}
    later: list[tuple[float, int]] = []
    state = _State()
    while True:
        wait = max(0.0, later[0][0] - time.monotonic()) if later else None
        for number, _ in epoll.poll(wait):
            if number == listener.fileno():
                peer, _ = listener.accept()
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                peers[peer.fileno()] = (peer, bytearray())
                epoll.register(peer.fileno(), select.EPOLLIN)
            elif number == pipe.fileno():
                state = _tell(pipe, state)
            else:
                _read(number, peers, later, state)
        while later and later[0][0] <= time.monotonic():
            _, number = heapq.heappop(later)
            if number in peers:
                _answer(peers[number][0])


def _tell(pipe: Connection, state: _State) -> _State:
    if pipe.recv() == "count":
        pipe.send(len(state.answered))
        return state
    pipe.send({"answered": state.answered, "ids": state.ids, "seen": state.seen})
    return _State()


def _read(
    number: int,
    peers: dict[int, tuple[socket.socket, bytearray]],
    later: list[tuple[float, int]],
    state: _State,
) -> None:
    peer, held = peers[number]
    try:
        data = peer.recv(262144)
    except OSError:
        data = b""
    if not data:
        peers.pop(number)[0].close()
        return
    held += data
    end = held.find(b"\r\n\r\n")
    if end < 0:
        return
    head = bytes(held[:end])
    length = _LENGTH.search(head)
    if len(held) < end + 4 + (int(length[1]) if length else 0):
        return
    pause = _note(head, held, state)
    if pause is None:
        _answer(peer)
    elif pause >= 0:
        heapq.heappush(later, (time.monotonic() + pause, number))
    held.clear()


def _note(head: bytes, held: bytearray, state: _State) -> float | None:
    """Seconds until it is to be answered; None: at once; less than nothing: never."""
    now = time.monotonic()
    state.seen += 1
    identity = _ID.search(head)
    if identity:
        state.ids[identity[1]] += 1
    kind = head.split(b" ", 2)[1].split(b"/", 2)[1].decode()
    if kind == "hang":
        return -1.0
    sent = _SENT_AT.search(held, 0, 4096)
    latency = (time.time_ns() - int(sent[1])) / 1e6 if sent else None
    state.answered.append((now, kind, latency))
    after = _AFTER.match(head)
    return int(after[1]) / 1000 if after else None


def _answer(peer: socket.socket) -> None:
    try:
        peer.send(RESPONSE)
    except OSError:
        # It was closed by the other side; its next read tells.
        return
