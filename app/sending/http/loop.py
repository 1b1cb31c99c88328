"""The event loop of the HTTP client: sockets, name look-ups and deadlines on one epoll."""

import os
import select
import time

from app.sending.dns.pins import Pins
from app.sending.dns.resolver import Resolver
from app.sending.http.clock import LoopClock
from app.sending.http.outcome import Outcome
from app.sending.http.sockets import Sockets
from app.sending.http.transfer import Transfer
from app.sending.http.tunnels import Tunnels

Finished = tuple[object, Outcome]


class EventLoop:
    """`HttpClient` adds what a turn does with transfers: `_launch_resolved`, `_advance` and
    `_expire`."""

    def __init__(self, limit: int, dns_servers: tuple[str, ...], pins: Pins | Tunnels) -> None:
        """limit: of requests in flight."""
        self._limit = limit
        self._epoll = select.epoll()
        self._wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll.register(self._wake_fd, select.EPOLLIN)
        self._sockets = Sockets(self._epoll, limit)
        self._multi, self._watched = self._sockets.multi, self._sockets.watched
        self._resolver = Resolver[Transfer](self._epoll, dns_servers)
        self._pins = pins
        self._done: list[Finished] = []
        self._clock = LoopClock()
        self._next_deadline, self._unflushed = float("inf"), 0

    def poll(self, wait: float) -> list[Finished]:
        """Return finished requests with their tags; wait up to `wait` seconds for the first."""
        until = time.monotonic() + wait
        while not self._turn(until):
            pass
        finished, self._done = self._done, []
        return finished

    def wake(self) -> None:
        """Make `poll` return soon. Safe in any thread and in signal handlers."""
        os.eventfd_write(self._wake_fd, 1)

    def close(self) -> None:
        self._resolver.close()
        self._sockets.close()
        self._epoll.close()
        os.close(self._wake_fd)

    def _launch_resolved(self) -> None:
        raise NotImplementedError

    def _advance(self) -> None:
        raise NotImplementedError

    def _expire(self) -> None:
        raise NotImplementedError

    def _turn(self, until: float) -> bool:
        """One iteration of the loop; whether `poll` should return.

        Sockets that are ready are read before deadlines are checked."""
        self._clock.tick()
        self._launch_resolved()
        self._advance()
        is_woken = self._wait_for_events(until)
        self._launch_resolved()
        self._advance()
        self._expire()
        return bool(self._done) or is_woken or self._clock.seen >= until

    def _flush(self) -> None:
        self._sockets.run_timer()
        self._pins.settle()
        self._unflushed = 0

    def _wait_for_events(self, until: float) -> bool:
        """Wait for events, at most until the next deadline or timer; whether `wake` was called."""
        wait = self._poll_seconds(until)
        events = self._epoll.poll(wait, self._limit + 64)
        self._clock.waited(wait)
        is_woken = False
        for fd, mask in events:
            if fd in self._resolver.sockets:
                self._resolver.process(fd, mask)
            elif fd == self._wake_fd:
                is_woken = os.eventfd_read(fd) > 0
            else:
                self._sockets.handle(fd, mask)
        # After the responses were read: a name server that has responded must not time out.
        if self._resolver.is_busy:
            self._resolver.process_timeouts()
        return is_woken

    def _poll_seconds(self, until: float) -> float:
        if self._done:
            return 0.0
        clock = self._clock
        wait = min(until - clock.seen, self._next_deadline - clock.now)
        timer = self._sockets.until_timer(clock.seen)
        if timer is not None:
            wait = min(wait, timer)
        if self._resolver.is_busy:
            wait = min(wait, self._resolver.timeout())
        return max(wait, 0.0)
