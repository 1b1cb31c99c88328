"""A producer fast enough not to be the bottleneck: concurrent connections over pycurl."""

import time
from collections.abc import Callable, Sequence

import pycurl

Source = Callable[[int], bytes]


class LoadResult:
    """statuses: number of responses by status. rate: 2xx responses per second."""

    def __init__(self) -> None:
        self.statuses: dict[int, int] = {}
        self.seconds = 0.0

    @property
    def rate(self) -> float:
        succeeded = sum(number for status, number in self.statuses.items() if 200 <= status < 300)
        return succeeded / self.seconds


def post(
    url: str,
    key: str,
    bodies: Source,
    *,
    connections: int,
    seconds: float,
    number: int = 1 << 40,
    more: Sequence[str] = (),
) -> LoadResult:
    """Post `bodies(n)` as JSON, n from 0, until `seconds` have passed or `number` were sent.

    more: further header lines.
    """
    multi = pycurl.CurlMulti()
    idle = [handle(url, key, more) for _ in range(connections)]
    result, began, started, in_flight = LoadResult(), time.monotonic(), 0, 0
    until = began + seconds
    while in_flight or (time.monotonic() < until and started < number):
        while idle and time.monotonic() < until and started < number:
            curl = idle.pop()
            curl.setopt(pycurl.POSTFIELDS, bodies(started))
            multi.add_handle(curl)
            started, in_flight = started + 1, in_flight + 1
        multi.perform()
        _, good, bad = multi.info_read()
        for curl in (*good, *(entry[0] for entry in bad)):
            status = curl.getinfo(pycurl.RESPONSE_CODE)
            result.statuses[status] = result.statuses.get(status, 0) + 1
            multi.remove_handle(curl)
            idle.append(curl)
            in_flight -= 1
        if not good and not bad:
            multi.select(0.1)
    result.seconds = time.monotonic() - began
    return result


def handle(url: str, key: str, more: Sequence[str] = ()) -> pycurl.Curl:
    """A handle that posts JSON and discards the response body."""
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(
        pycurl.HTTPHEADER,
        [f"Authorization: Bearer {key}", "Content-Type: application/json", "Expect:", *more],
    )
    curl.setopt(pycurl.WRITEFUNCTION, lambda _: None)
    curl.setopt(pycurl.PROXY, "")
    return curl
