"""Many HTTP requests at once, in one loop of one thread.

libcurl's multi is driven by epoll, since `select` is blind above 1,024 descriptors; c-ares
resolves in the same epoll. No address is connected to that the guard did not let pass.
"""

import os
import select
import time

import pycurl

from app.domain.addresses.guard import AddressGuard
from app.sending.dns.pins import Pins
from app.sending.dns.resolver import Resolver
from app.sending.http.clock import LoopClock
from app.sending.http.handle import CurlHandle
from app.sending.http.outcome import Outcome
from app.sending.http.request import Request, Unsendable, write_out
from app.sending.http.sockets import Sockets
from app.sending.http.transfer import Transfer
from app.sending.http.trust import trusted_file

Finished = tuple[object, Outcome]

# So many go out together: receivers work while the next are prepared, and not in step with us.
SENT_TOGETHER = 8


class HttpClient:
    """`start` requests, and `poll` for those that ended. For one thread; only `wake` is for all.

    Deadlines are kept here, not by libcurl, on a clock that stands still while the loop does: an
    answer that waited in the socket while the process was stopped is read, not called late.

    ca_file: trusted authorities (PEM), instead of the system's. dns_servers: `host` or
    `host:port`, instead of the system's.
    """

    def __init__(
        self,
        guard: AddressGuard,
        *,
        max_in_flight: int = 1000,
        dns_servers: tuple[str, ...] = (),
        ca_file: str | None = None,
    ) -> None:
        self._guard = guard
        self._limit = max_in_flight
        self._ca_file = ca_file or trusted_file()
        self._epoll = select.epoll()
        self._wake_number = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll.register(self._wake_number, select.EPOLLIN)
        self._sockets = Sockets(self._epoll, max_in_flight)
        self._multi, self._watched = self._sockets.multi, self._sockets.watched
        self._resolver = Resolver[Transfer](self._epoll, dns_servers)
        self._pins = Pins()
        self._carried: dict[pycurl.Curl, Transfer] = {}
        self._idle: list[CurlHandle] = []
        self._active: set[Transfer] = set()
        self._done: list[Finished] = []
        self._clock = LoopClock()
        self._next_deadline = float("inf")
        self._unsent = 0

    @property
    def in_flight(self) -> int:
        """Requests started whose outcome is not known yet."""
        return len(self._active)

    @property
    def free(self) -> int:
        return self._limit - len(self._active)

    def start(
        self, request: Request, *, timeout: float, tag: object, lane: str | None = None
    ) -> None:
        """Send it; what becomes of it comes out of `poll` with its tag. Never blocks.

        timeout: seconds from now to the last byte of the answer, look-up and all. lane: whose
        look-ups are counted together. RuntimeError: there is no free slot."""
        if len(self._active) >= self._limit:
            raise RuntimeError("the wire has no free slot")
        now = self._clock.tick()
        transfer = Transfer(tag, lane, timeout)
        try:
            transfer.outgoing = outgoing = write_out(request)
        except Unsendable as error:
            self._done.append((tag, transfer.failed("url", str(error))))
            return
        transfer.deadline = now + timeout
        self._next_deadline = min(self._next_deadline, transfer.deadline)
        self._active.add(transfer)
        name, addresses = outgoing.origin.name or "", outgoing.origin.addresses
        if addresses is None:
            addresses = self._resolver.known(name)
        if addresses is None:
            self._resolver.ask(name, lane, transfer)
        else:
            self._launch(transfer, addresses)

    def poll(self, wait: float) -> list[Finished]:
        """What has ended, with its tag. Waits up to `wait` seconds only while nothing has."""
        until = time.monotonic() + wait
        while not self._turn(until):
            pass
        finished, self._done = self._done, []
        return finished

    def wake(self) -> None:
        """Have `poll` return soon. For any thread, and for signal handlers."""
        os.eventfd_write(self._wake_number, 1)

    def close(self) -> None:
        """Cut off what is in flight; its outcome is lost. A second time does nothing."""
        if self._epoll.closed:
            return
        for transfer in self._active:
            if transfer.handle is not None:
                self._multi.remove_handle(transfer.handle.curl)
        self._active.clear()
        self._resolver.close()
        self._sockets.close()
        self._epoll.close()
        os.close(self._wake_number)

    def _turn(self, until: float) -> bool:
        """Once around the loop; whether there is something to come back with.

        What is ready is read before a deadline is looked at."""
        self._clock.tick()
        self._take_answers()
        self._act()
        is_woken = self._take_events(until)
        self._take_answers()
        self._act()
        self._expire()
        return bool(self._done) or is_woken or self._clock.seen >= until

    def _send(self) -> None:
        self._sockets.run_timer()
        self._pins.settled()
        self._unsent = 0

    def _act(self) -> None:
        self._send()
        left = 1
        while left:
            left, good, bad = self._multi.info_read()
            for curl in good:
                self._ended(curl, 0, "")
            for curl, code, message in bad:
                self._ended(curl, code, message)

    def _take_events(self, until: float) -> bool:
        """Wait, but for no longer than something needs; whether `wake` was called."""
        wait = self._patience(until)
        events = self._epoll.poll(wait, self._limit + 64)
        self._clock.waited(wait)
        is_woken = False
        for number, what in events:
            if number in self._resolver.sockets:
                self._resolver.process(number, what)
            elif number == self._wake_number:
                is_woken = os.eventfd_read(number) > 0
            else:
                self._sockets.happened(number, what)
        # Only now, when answers have been read, may a name server be called silent.
        if self._resolver.is_busy:
            self._resolver.pass_time()
        return is_woken

    def _patience(self, until: float) -> float:
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

    def _take_answers(self) -> None:
        if not self._resolver.is_busy:
            return
        for transfers, answer in self._resolver.take():
            for transfer in transfers:
                if transfer.is_over:
                    continue
                transfer.resolved()
                if answer.cause:
                    self._finish(transfer, transfer.failed(answer.cause, answer.detail))
                else:
                    self._launch(transfer, answer.addresses)

    def _launch(self, transfer: Transfer, addresses: tuple[str, ...]) -> None:
        outgoing = transfer.outgoing
        assert outgoing is not None
        guard = self._guard
        port = outgoing.origin.port
        good = tuple(text for text in addresses if guard.allowed(text, outgoing.url, port))
        if not good:
            self._finish(transfer, transfer.refused())
            return
        handle = self._idle.pop() if self._idle else CurlHandle(guard, self._ca_file, self._watched)
        transfer.handle = handle
        self._carried[handle.curl] = transfer
        handle.begin(outgoing, self._pins.pin(outgoing.origin, good))
        self._multi.add_handle(handle.curl)
        self._unsent += 1
        if self._unsent >= SENT_TOGETHER:
            self._send()

    def _ended(self, curl: pycurl.Curl, code: int, message: str) -> None:
        transfer = self._carried[curl]
        handle = transfer.handle
        assert handle is not None
        self._multi.remove_handle(curl)
        if code and handle.should_repeat(code):
            handle.repeat()
            self._multi.add_handle(curl)
            return
        self._finish(transfer, transfer.ended(handle, code, message))

    def _expire(self) -> None:
        """Deadlines are seldom met: all are looked at, but only when one may have passed."""
        now = self._clock.now
        if now < self._next_deadline:
            return
        for transfer in [one for one in self._active if one.deadline <= now]:
            outcome = transfer.timed_out()
            if transfer.handle is not None:
                self._multi.remove_handle(transfer.handle.curl)
            self._finish(transfer, outcome)
        self._next_deadline = min((one.deadline for one in self._active), default=float("inf"))

    def _finish(self, transfer: Transfer, outcome: Outcome) -> None:
        transfer.is_over = True
        self._active.discard(transfer)
        self._done.append((transfer.tag, outcome))
        handle, transfer.handle = transfer.handle, None
        if handle is not None:
            del self._carried[handle.curl]
            handle.rest()
            self._idle.append(handle)
