"""One request in flight, and its outcome."""

import time

import pycurl

from app.domain.addresses.ranges import REFUSED
from app.domain.common.clock import now_ms
from app.domain.webhooks.credentials.certificates import ClientTls
from app.sending.http.failures import describe
from app.sending.http.handle import MAX_HEAD, MAX_KEPT_BODY, CurlHandle
from app.sending.http.outcome import Outcome, no_response
from app.sending.http.request import Outgoing


class Transfer:
    """timeout: seconds. tls: None without certificates of its own. deadline: on the client's
    LoopClock. is_over: the outcome is known."""

    __slots__ = (
        "began",
        "deadline",
        "dns_us",
        "handle",
        "is_over",
        "outgoing",
        "started_at",
        "tag",
        "timeout",
        "tls",
    )

    def __init__(self, tag: object, timeout: float, tls: ClientTls | None = None) -> None:
        self.tag = tag
        self.tls = tls
        self.timeout = timeout
        self.started_at = now_ms()
        self.began = time.monotonic()
        self.deadline = 0.0
        self.dns_us: int | None = None
        self.is_over = False
        self.handle: CurlHandle | None = None
        self.outgoing: Outgoing | None = None

    def mark_resolved(self) -> None:
        self.dns_us = self._elapsed_us()

    def _elapsed_us(self) -> int:
        return int((time.monotonic() - self.began) * 1_000_000)

    def completed(self, handle: CurlHandle, code: int, message: str) -> Outcome:
        """code: libcurl's error, 0 if none."""
        if code == 0 and handle.has_final_head and not handle.is_over_head:
            cause, detail = "reset", "connection closed within the response headers"
        elif code == 0 or (code == pycurl.E_WRITE_ERROR and handle.is_cut):
            cause, detail = "ok", ""
        elif handle.is_refused:
            cause, detail = "address_refused", _REFUSED
        elif handle.is_head_too_large:
            cause, detail = "headers_too_large", f"more than {MAX_HEAD} bytes"
        else:
            cause, detail = describe(handle.failure(code, message), handle.outgoing.origin.host)
        return self._outcome(handle, cause, detail)

    def timed_out(self) -> Outcome:
        after = f"after {self.timeout:g} s"
        if self.handle is None:
            return self.failed("timeout_dns", after)
        return self._outcome(self.handle, self.handle.phase(), after)

    def failed(self, cause: str, detail: str) -> Outcome:
        """The outcome of a transfer that ended before libcurl took it."""
        head = self.outgoing.head if self.outgoing is not None else b""
        return no_response(
            cause,
            detail,
            self.started_at,
            head=head,
            dns_us=self.dns_us,
            total_us=self._elapsed_us(),
        )

    def refused(self) -> Outcome:
        return self.failed("address_refused", _REFUSED)

    def _outcome(self, handle: CurlHandle, cause: str, detail: str) -> Outcome:
        has_response = handle.has_final_head
        status: int | None = handle.curl.getinfo(pycurl.RESPONSE_CODE) if has_response else None
        if cause == "ok" and status is None:
            cause, detail = "protocol", "no final response"
        head = b"".join(handle.head)
        if cause == "ok" and _has_two_lengths(head):
            cause, detail = "protocol", "both Content-Length and Transfer-Encoding"
        connect_us, tls_us = _connecting(handle) if handle.had_open else (None, None)
        return Outcome(
            status=status,
            cause=cause,
            detail=detail,
            request_head=handle.outgoing.head,
            response_head=head if has_response else None,
            response_body=b"".join(handle.body) if has_response else None,
            response_truncated=handle.body_size > MAX_KEPT_BODY,
            started_at=self.started_at,
            dns_us=self.dns_us,
            connect_us=connect_us,
            tls_us=tls_us,
            first_byte_us=self._first_byte_us(handle) if handle.head else None,
            total_us=self._elapsed_us(),
            remote_address=handle.remote,
            retry_after=_retry_after(handle.head) if status is not None and status >= 300 else None,
        )

    def _first_byte_us(self, handle: CurlHandle) -> int:
        before = int((handle.launched - self.began) * 1_000_000)
        return before + int(handle.curl.getinfo(pycurl.STARTTRANSFER_TIME_T))


_REFUSED = REFUSED.rstrip(".")[0].lower() + REFUSED.rstrip(".")[1:]


def _connecting(handle: CurlHandle) -> tuple[int | None, int | None]:
    """Microseconds for connecting and for the TLS handshake; None if not done."""
    connected = handle.curl.getinfo(pycurl.CONNECT_TIME_T)
    secured = handle.curl.getinfo(pycurl.APPCONNECT_TIME_T) if connected else 0
    return connected or None, secured - connected if secured else None


def _has_two_lengths(head: bytes) -> bool:
    """Whether a response says in two ways where its body ends. A proxy in between may have cut it
    elsewhere (response smuggling), so it proves nothing about this request."""
    lower = head.lower()
    return b"\ntransfer-encoding:" in lower and b"\ncontent-length:" in lower


def _retry_after(head: list[bytes]) -> str | None:
    """Return the last header of that name."""
    for header in reversed(head):
        name, _, value = header.partition(b":")
        if name.lower() == b"retry-after":
            return value.strip().decode("latin-1")
    return None
