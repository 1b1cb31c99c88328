"""Names to addresses with c-ares, inside the wire's own epoll loop.

libcurl's resolver has 20 threads: as many names that do not answer hold up all others. Here a
name without an answer costs a socket's share and the time of those who wait for it.
"""

import contextlib
import select
import socket
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import pycares

from app.sending.dns.lookup import Answer, read_answer

# Look-ups under way for one lane. What is beyond waits, at its own lane's cost.
PER_LANE = 100
# c-ares asks three times, each time waiting twice as long.
FIRST_WAIT_SECONDS = 1.5
TRIES = 3
MAX_REMEMBERED = 10_000
RESOLV_CONF = Path("/etc/resolv.conf")
CONF_INTERVAL = 5.0
BAD = pycares.ARES_SOCKET_BAD


class Waiter(Protocol):
    @property
    def is_over(self) -> bool: ...


W = TypeVar("W", bound=Waiter)


@dataclass(slots=True)
class _Lookup(Generic[W]):
    name: str
    lane: str | None
    waiters: list[W] = field(default_factory=list)
    is_asked: bool = False


class _Sockets:
    """Keeps one channel's sockets in the epoll. Closed, it touches them no more: c-ares goes on
    to call from a thread of its own, when the numbers may be others' already."""

    def __init__(self, epoll: select.epoll) -> None:
        self._epoll = epoll
        self.numbers: set[int] = set()
        self.is_closed = False

    def changed(self, number: int, readable: int, writable: int) -> None:
        if self.is_closed:
            return
        mask = (select.EPOLLIN if readable else 0) | (select.EPOLLOUT if writable else 0)
        if not mask:
            self.forget(number)
        elif number in self.numbers:
            self._epoll.modify(number, mask)
        else:
            self._epoll.register(number, mask)
            self.numbers.add(number)

    def forget(self, number: int) -> None:
        if number in self.numbers:
            self.numbers.discard(number)
            # It may have been closed before it was let go.
            with contextlib.suppress(OSError):
                self._epoll.unregister(number)

    def close(self) -> None:
        for number in list(self.numbers):
            self.forget(number)
        self.is_closed = True


class Resolver(Generic[W]):
    """Many look-ups at once, one for each name however many wait for it.

    servers: `host` or `host:port`, instead of the system's. A waiter is whatever the caller gives
    and gets back; what only waiters whose time `is_over` wait for is not asked any more.
    """

    def __init__(self, epoll: select.epoll, servers: tuple[str, ...] = ()) -> None:
        self._epoll = epoll
        self._servers = servers
        self._known: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._lookups: dict[str, _Lookup[W]] = {}
        self._asked: dict[str | None, int] = {}
        self._queues: dict[str | None, deque[_Lookup[W]]] = {}
        self._ready: list[tuple[list[W], Answer]] = []
        self._conf_seen = 0.0
        self._conf_stamp = self._stamp()
        self._open()

    @property
    def sockets(self) -> set[int]:
        return self._sockets.numbers

    @property
    def is_busy(self) -> bool:
        """Whether anything is asked, answered or waiting."""
        return bool(self._lookups or self._ready)

    def known(self, name: str) -> tuple[str, ...] | None:
        """The addresses of an answer that is still good."""
        entry = self._known.get(name)
        return entry[1] if entry is not None and entry[0] > time.monotonic() else None

    def ask(self, name: str, lane: str | None, waiter: W) -> None:
        """Look it up, or join who does. The answer comes by `take`, perhaps at once."""
        self._follow_conf()
        lookup = self._lookups.get(name)
        if lookup is None:
            lookup = self._lookups[name] = _Lookup(name, lane)
        lookup.waiters.append(waiter)
        if lookup.is_asked:
            return
        if self._asked.get(lane, 0) < PER_LANE:
            self._start(lookup, lane)
        elif len(lookup.waiters) == 1:
            self._queues.setdefault(lane, deque()).append(lookup)

    def take(self) -> list[tuple[list[W], Answer]]:
        """What was answered since the last time."""
        self._go_on()
        ready, self._ready = self._ready, []
        return ready

    def timeout(self) -> float:
        """Seconds until `pass_time` has something to do."""
        if self._ready or not self._asked:
            return 0.0
        seconds: float = self._channel.timeout()  # type: ignore[no-untyped-call]
        return seconds

    def pass_time(self) -> None:
        """Ask again where a name server was silent."""
        self._channel.process_fd(BAD, BAD)

    def process(self, number: int, events: int) -> None:
        """Events of one of `sockets`."""
        readable = number if events & ~select.EPOLLOUT else BAD
        writable = number if events & select.EPOLLOUT else BAD
        self._channel.process_fd(readable, writable)

    def close(self) -> None:
        self._lookups.clear()
        self._queues.clear()
        self._shut()

    def _open(self) -> None:
        # Never `lookups=` or `domains=`: pycares 5.2 lets go of their text before c-ares reads it.
        # By itself c-ares asks the hosts file first, unless nsswitch.conf says otherwise.
        self._sockets = _Sockets(self._epoll)
        self._channel = pycares.Channel(
            timeout=FIRST_WAIT_SECONDS,
            tries=TRIES,
            servers=self._servers or None,
            sock_state_cb=self._sockets.changed,
        )

    def _shut(self) -> None:
        self._channel.cancel()
        self._sockets.close()
        self._channel.close()

    def _start(self, lookup: _Lookup[W], lane: str | None) -> None:
        lookup.lane, lookup.is_asked = lane, True
        self._asked[lane] = self._asked.get(lane, 0) + 1
        self._send(lookup)

    def _send(self, lookup: _Lookup[W]) -> None:
        def answered(result: pycares.AddrInfoResult | None, status: int | None) -> None:
            self._answered(lookup, result, status)

        self._channel.getaddrinfo(
            lookup.name, None, family=socket.AF_UNSPEC, type=socket.SOCK_STREAM, callback=answered
        )

    def _answered(
        self, lookup: _Lookup[W], result: pycares.AddrInfoResult | None, status: int | None
    ) -> None:
        if self._lookups.get(lookup.name) is not lookup:
            return
        if status == pycares.errno.ARES_ECANCELLED:
            return  # The channel changes, and who changes it asks again.
        answer, seconds = read_answer(result, status)
        if seconds:
            self._remember(lookup.name, answer, seconds)
        del self._lookups[lookup.name]
        self._ready.append((lookup.waiters, answer))
        left = self._asked.pop(lookup.lane) - 1
        if left:
            self._asked[lookup.lane] = left

    def _remember(self, name: str, answer: Answer, seconds: float) -> None:
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[name] = (time.monotonic() + seconds, answer.addresses)

    def _go_on(self) -> None:
        """Ask for what waits in lanes that have room again.

        Not from c-ares's callback: where answers come at once (a name in the hosts file, no
        network at all) one would be made inside the other, as deep as the queue is long."""
        for lane, queue in list(self._queues.items()):
            while queue and self._asked.get(lane, 0) < PER_LANE:
                lookup = queue.popleft()
                if lookup.is_asked:
                    continue  # Another lane had room for it.
                if all(waiter.is_over for waiter in lookup.waiters):
                    del self._lookups[lookup.name]
                    continue
                self._start(lookup, lane)
            if not queue:
                del self._queues[lane]

    def _stamp(self) -> int:
        try:
            return RESOLV_CONF.stat().st_mtime_ns
        except OSError:
            return 0

    def _follow_conf(self) -> None:
        """A worker runs for months; its network may get other name servers meanwhile."""
        now = time.monotonic()
        if now - self._conf_seen < CONF_INTERVAL:
            return
        self._conf_seen = now
        stamp = self._stamp()
        if stamp == self._conf_stamp:
            return
        self._conf_stamp = stamp
        self._shut()
        self._open()
        for lookup in list(self._lookups.values()):
            if lookup.is_asked:
                self._send(lookup)
