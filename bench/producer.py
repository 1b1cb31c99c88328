"""A producer of single events and batches, at full speed or at a steady rate."""

import time
from collections.abc import Callable

import pycurl

from bench.client import handle, post
from bench.installation import BODY_BYTES, payload_of
from bench.product import PLATFORM_KEY, Product, headers

CONNECTIONS = 16
BATCH = 100


class Load:
    """What a producer posts: events of the type `t.n0` of 1 KB, each with its time."""

    def __init__(self, running: Product, organization_id: str) -> None:
        self._running = running
        self._more = [f"{name}: {value}" for name, value in headers(organization_id).items()]

    def address(self, path: str) -> str:
        return f"{self._running.base}/api/v1/{path}"

    def flood(self, seconds: float) -> tuple[int, float]:
        """As fast as it goes. Returns the number of events accepted and the seconds."""
        result = post(
            self.address("events"),
            PLATFORM_KEY,
            event,
            connections=CONNECTIONS,
            seconds=seconds,
            more=self._more,
        )
        assert set(result.statuses) == {202}, result.statuses
        return result.statuses[202], result.seconds

    def batches(self, number: int, type_of: Callable[[int], str] = lambda _: "t.n0") -> float:
        """Returns the seconds that posting them took."""

        def body(n: int) -> bytes:
            first = n * BATCH
            events = b",".join(event(first + k, type_of(first + k)) for k in range(BATCH))
            return b'{"events":[%b]}' % events

        result = post(
            self.address("events/batch"),
            PLATFORM_KEY,
            body,
            connections=4,
            seconds=120,
            number=number,
            more=self._more,
        )
        assert result.statuses == {202: number}, result.statuses
        return result.seconds

    def paced(self, rate: int, seconds: float) -> int:
        """At this rate whatever the answers take. Returns the number of events accepted.

        The times in the events are those at which they were to be posted.
        """
        number = int(rate * seconds)
        multi, idle = pycurl.CurlMulti(), [self._handle() for _ in range(CONNECTIONS)]
        began, began_ns = time.monotonic(), time.time_ns()
        started = ended = 0
        while ended < number:
            while started < number and idle and time.monotonic() - began >= started / rate:
                curl = idle.pop()
                sent_at = began_ns + int(started / rate * 1e9)
                curl.setopt(pycurl.POSTFIELDS, event(sent_at=sent_at))
                multi.add_handle(curl)
                started += 1
            multi.perform()
            _, good, bad = multi.info_read()
            assert not bad, bad
            for curl in good:
                assert curl.getinfo(pycurl.RESPONSE_CODE) == 202
                multi.remove_handle(curl)
                idle.append(curl)
                ended += 1
            wait = began + started / rate - time.monotonic()
            if not good and wait > 0:
                multi.select(wait if started < number else 0.01)
        return number

    def _handle(self) -> pycurl.Curl:
        return handle(self.address("events"), PLATFORM_KEY, self._more)


def event(_: int = 0, type_: str = "t.n0", sent_at: int | None = None) -> bytes:
    at = sent_at or time.time_ns()
    return b'{"type":"%b","payload":{"sent_at":%d,"rest":%b}}' % (
        type_.encode(),
        at,
        payload_of(BODY_BYTES - 40),
    )
