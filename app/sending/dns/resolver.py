"""Resolve names with c-ares, inside the HTTP client's epoll loop.

libcurl's own resolver has 20 threads: 20 names whose servers do not respond block all others. Here
such a name delays only the requests that wait for it.
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

from app.sending.dns.lookup import Resolution, read_result

# Concurrent lookups of one quota. The rest of that quota waits; others do not.
LOOKUPS_PER_QUOTA = 100
# c-ares waits twice as long on each try.
FIRST_WAIT_SECONDS = 1.5
TRIES = 3
MAX_CACHED = 10_000
RESOLV_CONF = Path("/etc/resolv.conf")
CONF_CHECK_SECONDS = 5.0
NO_SOCKET = pycares.ARES_SOCKET_BAD


class Waiter(Protocol):
    @property
    def is_over(self) -> bool: ...


W = TypeVar("W", bound=Waiter)


@dataclass(slots=True)
class _Lookup(Generic[W]):
    name: str
    quota: str | None
    waiters: list[W] = field(default_factory=list)
    is_running: bool = False


class _Sockets:
    """Keeps a channel's sockets registered with the epoll. After `close` it ignores callbacks:
    c-ares still calls from its own thread, when the descriptors may already belong to others."""

    def __init__(self, epoll: select.epoll) -> None:
        self._epoll = epoll
        self.fds: set[int] = set()
        self.is_closed = False

    def on_change(self, fd: int, readable: int, writable: int) -> None:
        if self.is_closed:
            return
        mask = (select.EPOLLIN if readable else 0) | (select.EPOLLOUT if writable else 0)
        if not mask:
            self.forget(fd)
        elif fd in self.fds:
            self._epoll.modify(fd, mask)
        else:
            self._epoll.register(fd, mask)
            self.fds.add(fd)

    def forget(self, fd: int) -> None:
        if fd in self.fds:
            self.fds.discard(fd)
            # The socket may be closed already.
            with contextlib.suppress(OSError):
                self._epoll.unregister(fd)

    def close(self) -> None:
        for fd in list(self.fds):
            self.forget(fd)
        self.is_closed = True


class Resolver(Generic[W]):
    """Concurrent lookups, one per name however many waiters it has.

    servers: `host` or `host:port`, instead of the system's. A waiter is any object of the caller;
    `take` returns it. A queued lookup is dropped once `is_over` is true for all its waiters.
    """

    def __init__(self, epoll: select.epoll, servers: tuple[str, ...] = ()) -> None:
        self._epoll = epoll
        self._servers = servers
        self._cache: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._lookups: dict[str, _Lookup[W]] = {}
        self._running: dict[str | None, int] = {}
        self._queues: dict[str | None, deque[_Lookup[W]]] = {}
        self._ready: list[tuple[list[W], Resolution]] = []
        self._conf_checked_at = 0.0
        self._conf_stamp = self._stamp()
        self._open()

    @property
    def sockets(self) -> set[int]:
        return self._sockets.fds

    @property
    def is_busy(self) -> bool:
        """Whether lookups are running, queued, or done and not yet taken."""
        return bool(self._lookups or self._ready)

    def cached(self, name: str) -> tuple[str, ...] | None:
        """Return the addresses from the cache, or None."""
        entry = self._cache.get(name)
        return entry[1] if entry is not None and entry[0] > time.monotonic() else None

    def ask(self, name: str, quota: str | None, waiter: W) -> None:
        """Start a lookup, or join one of the same name. `take` returns its result."""
        self._reload_changed_conf()
        lookup = self._lookups.get(name)
        if lookup is None:
            lookup = self._lookups[name] = _Lookup(name, quota)
        lookup.waiters.append(waiter)
        if lookup.is_running:
            return
        if self._running.get(quota, 0) < LOOKUPS_PER_QUOTA:
            self._start(lookup, quota)
        elif len(lookup.waiters) == 1:
            self._queues.setdefault(quota, deque()).append(lookup)

    def take(self) -> list[tuple[list[W], Resolution]]:
        """Return the lookups that ended since the last call, with their waiters."""
        self._start_queued()
        ready, self._ready = self._ready, []
        return ready

    def timeout(self) -> float:
        """Seconds until `process_timeouts` is due."""
        if self._ready or not self._running:
            return 0.0
        seconds: float = self._channel.timeout()  # type: ignore[no-untyped-call]
        return seconds

    def process_timeouts(self) -> None:
        """Retry queries, or fail them, where a name server has not responded."""
        self._channel.process_fd(NO_SOCKET, NO_SOCKET)

    def process(self, fd: int, events: int) -> None:
        """Handle epoll events of one of `sockets`."""
        readable = fd if events & ~select.EPOLLOUT else NO_SOCKET
        writable = fd if events & select.EPOLLOUT else NO_SOCKET
        self._channel.process_fd(readable, writable)

    def close(self) -> None:
        self._lookups.clear()
        self._queues.clear()
        self._shut()

    def _open(self) -> None:
        # Never pass `lookups=` or `domains=`: pycares 5.2 frees their text before c-ares reads it.
        # c-ares reads the hosts file first unless nsswitch.conf says otherwise.
        self._sockets = _Sockets(self._epoll)
        self._channel = pycares.Channel(
            timeout=FIRST_WAIT_SECONDS,
            tries=TRIES,
            servers=self._servers or None,
            sock_state_cb=self._sockets.on_change,
        )

    def _shut(self) -> None:
        self._channel.cancel()
        self._sockets.close()
        self._channel.close()

    def _start(self, lookup: _Lookup[W], quota: str | None) -> None:
        lookup.quota, lookup.is_running = quota, True
        self._running[quota] = self._running.get(quota, 0) + 1
        self._send(lookup)

    def _send(self, lookup: _Lookup[W]) -> None:
        def on_result(result: pycares.AddrInfoResult | None, status: int | None) -> None:
            self._complete(lookup, result, status)

        self._channel.getaddrinfo(
            lookup.name, None, family=socket.AF_UNSPEC, type=socket.SOCK_STREAM, callback=on_result
        )

    def _complete(
        self, lookup: _Lookup[W], result: pycares.AddrInfoResult | None, status: int | None
    ) -> None:
        if self._lookups.get(lookup.name) is not lookup:
            return
        if status == pycares.errno.ARES_ECANCELLED:
            return  # The channel is being replaced; `_reload_changed_conf` sends the query again.
        resolution, seconds = read_result(result, status)
        if seconds:
            self._remember(lookup.name, resolution.addresses, seconds)
        del self._lookups[lookup.name]
        self._ready.append((lookup.waiters, resolution))
        running = self._running.pop(lookup.quota) - 1
        if running:
            self._running[lookup.quota] = running

    def _remember(self, name: str, addresses: tuple[str, ...], seconds: float) -> None:
        if len(self._cache) >= MAX_CACHED:
            self._cache.clear()
        self._cache[name] = (time.monotonic() + seconds, addresses)

    def _start_queued(self) -> None:
        """Start queued lookups whose quota has room again.

        Not in c-ares's callback: where results come at once (the hosts file, no network) the
        calls would nest as deep as the queue is long."""
        for quota, queue in list(self._queues.items()):
            while queue and self._running.get(quota, 0) < LOOKUPS_PER_QUOTA:
                lookup = queue.popleft()
                if lookup.is_running:
                    continue  # Another quota had room for it.
                if all(waiter.is_over for waiter in lookup.waiters):
                    del self._lookups[lookup.name]
                    continue
                self._start(lookup, quota)
            if not queue:
                del self._queues[quota]

    def _stamp(self) -> int:
        try:
            return RESOLV_CONF.stat().st_mtime_ns
        except OSError:
            return 0

    def _reload_changed_conf(self) -> None:
        """Name servers may change while a worker runs for months."""
        now = time.monotonic()
        if now - self._conf_checked_at < CONF_CHECK_SECONDS:
            return
        self._conf_checked_at = now
        stamp = self._stamp()
        if stamp == self._conf_stamp:
            return
        self._conf_stamp = stamp
        self._shut()
        self._open()
        for lookup in list(self._lookups.values()):
            if lookup.is_running:
                self._send(lookup)
