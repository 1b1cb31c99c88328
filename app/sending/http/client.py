"""Many concurrent HTTP requests in one thread.

libcurl's multi interface runs on epoll, because `select` cannot watch more than 1,024 descriptors;
c-ares resolves names in the same epoll. Connections go only to addresses that the guard allows.
"""

from functools import partial

import pycurl

from app.domain.addresses.guard import AddressGuard
from app.domain.addresses.proxies import Proxy
from app.domain.webhooks.credentials.certificates import ClientTls
from app.sending.dns.pins import Pins
from app.sending.http.failures import NO_MEMORY
from app.sending.http.handle import CurlHandle
from app.sending.http.loop import EventLoop
from app.sending.http.mutual_tls import SecuredHandles, secure
from app.sending.http.outcome import Outcome
from app.sending.http.request import Request, Unsendable, write_out
from app.sending.http.transfer import Transfer
from app.sending.http.trust import find_ca_file
from app.sending.http.tunnels import TunnelHandle, Tunnels

# Flush after this many requests, so that receivers work while the next ones are prepared.
START_BATCH = 8


class HttpClient(EventLoop):
    """`start` requests, then `poll` for outcomes. Not thread-safe, except for `wake`.

    Deadlines are kept here, not by libcurl, on a clock that stops while the loop is stopped: a
    response that arrived while the process was suspended is read, not reported as a timeout.

    ca_file: trusted authorities (PEM) instead of the system's. dns_servers: `host` or
    `host:port`, instead of the system's. proxy: for all requests, except to test inboxes of our
    own.
    """

    def __init__(
        self,
        guard: AddressGuard,
        *,
        max_in_flight: int = 1000,
        dns_servers: tuple[str, ...] = (),
        ca_file: str | None = None,
        proxy: Proxy | None = None,
    ) -> None:
        self._guard = guard
        self._ca_file = ca_file or find_ca_file()
        super().__init__(max_in_flight, dns_servers, Pins() if proxy is None else Tunnels())
        self._new_handle = CurlHandle if proxy is None else partial(TunnelHandle, proxy=proxy)
        self._transfer_of: dict[pycurl.Curl, Transfer] = {}
        self._idle: list[CurlHandle] = []
        self._secured = SecuredHandles()
        self._active: set[Transfer] = set()

    @property
    def in_flight(self) -> int:
        """Requests started whose outcome is not known yet."""
        return len(self._active)

    def start(
        self,
        request: Request,
        *,
        timeout: float,
        tag: object,
        quota: str | None = None,
        tls: ClientTls | None = None,
    ) -> None:
        """Start a request without blocking; `poll` returns its outcome with `tag`.

        timeout: seconds from now to the last byte of the response, DNS lookup included.
        quota: requests with the same value share a limit of concurrent DNS lookups.
        tls: certificates of the connection, which no request with others uses.
        RuntimeError if no slot is free."""
        if len(self._active) >= self._limit:
            raise RuntimeError("no free slot")
        now = self._clock.tick()
        transfer = Transfer(tag, timeout, tls)
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
            addresses = self._resolver.cached(name)
        if addresses is None:
            self._resolver.ask(name, quota, transfer)
        else:
            self._launch(transfer, addresses)

    def close(self) -> None:
        """Abort the requests in flight; their outcomes are lost. Idempotent."""
        if self._epoll.closed:
            return
        for transfer in self._active:
            if transfer.handle is not None:
                self._multi.remove_handle(transfer.handle.curl)
        self._active.clear()
        super().close()

    def _advance(self) -> None:
        self._flush()
        remaining = 1
        while remaining:
            remaining, succeeded, failed = self._multi.info_read()
            for curl in succeeded:
                self._complete(curl, 0, "")
            for curl, code, message in failed:
                self._complete(curl, code, message)

    def _launch_resolved(self) -> None:
        if not self._resolver.is_busy:
            return
        for transfers, resolution in self._resolver.take():
            for transfer in transfers:
                if transfer.is_over:
                    continue
                transfer.mark_resolved()
                if resolution.cause:
                    self._finish(transfer, transfer.failed(resolution.cause, resolution.detail))
                else:
                    self._launch(transfer, resolution.addresses)

    def _launch(self, transfer: Transfer, addresses: tuple[str, ...]) -> None:
        outgoing = transfer.outgoing
        assert outgoing is not None
        guard, port = self._guard, outgoing.origin.port
        good = tuple(text for text in addresses if guard.allowed(text, outgoing.url, port))
        if not good:
            self._finish(transfer, transfer.refused())
            return
        try:
            idle = self._idle if transfer.tls is None else self._secured.handles(transfer.tls)
            handle = idle.pop() if idle else self._create(transfer.tls, idle)
            handle.begin(outgoing, self._pins.pin(outgoing.origin, good))
            self._multi.add_handle(handle.curl)
        except MemoryError:
            self._finish(transfer, transfer.failed("unreachable", NO_MEMORY))
            return
        transfer.handle = handle
        self._transfer_of[handle.curl] = transfer
        self._unflushed += 1
        if self._unflushed >= START_BATCH:
            self._flush()

    def _create(self, tls: ClientTls | None, idle: list[CurlHandle]) -> CurlHandle:
        handle = self._new_handle(self._guard, self._ca_file, self._watched)
        handle.idle = idle
        if tls is not None:
            secure(handle, tls)
        return handle

    def _complete(self, curl: pycurl.Curl, code: int, message: str) -> None:
        transfer = self._transfer_of[curl]
        handle = transfer.handle
        assert handle is not None
        self._multi.remove_handle(curl)
        if code and handle.should_repeat(code):
            handle.repeat()
            self._multi.add_handle(curl)
            return
        self._finish(transfer, transfer.completed(handle, code, message))

    def _expire(self) -> None:
        """End transfers past their deadline. Timeouts are rare, so this scans all, but only when
        the earliest deadline has passed."""
        now = self._clock.now
        if now < self._next_deadline:
            return
        for transfer in [active for active in self._active if active.deadline <= now]:
            outcome = transfer.timed_out()
            if transfer.handle is not None:
                self._multi.remove_handle(transfer.handle.curl)
            self._finish(transfer, outcome)
        deadlines = (active.deadline for active in self._active)
        self._next_deadline = min(deadlines, default=float("inf"))

    def _finish(self, transfer: Transfer, outcome: Outcome) -> None:
        transfer.is_over = True
        self._active.discard(transfer)
        self._done.append((transfer.tag, outcome))
        handle, transfer.handle = transfer.handle, None
        if handle is not None:
            del self._transfer_of[handle.curl]
            handle.release()
            handle.idle.append(handle)
