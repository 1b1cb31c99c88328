"""A producer that does not limit: so many connections, each with one request after another."""

import time
from collections.abc import Callable

import pycurl

Source = Callable[[int], bytes]


class Told:
    """statuses: how often each came. rate: those answered 2xx, a second."""

    def __init__(self) -> None:
        self.statuses: dict[int, int] = {}
        self.seconds = 0.0

    @property
    def rate(self) -> float:
        good = sum(number for status, number in self.statuses.items() if 200 <= status < 300)
        return good / self.seconds


def post(
    url: str, key: str, bodies: Source, *, connections: int, seconds: float, number: int = 1 << 40
) -> Told:
    """Post `bodies(n)` as JSON, from n = 0 on, for so many seconds or so many requests."""
    multi = pycurl.CurlMulti()
    idle = [handle(url, key) for _ in range(connections)]
    told, began, started, going = Told(), time.monotonic(), 0, 0
    until = began + seconds
    while going or (time.monotonic() < until and started < number):
        while idle and time.monotonic() < until and started < number:
            curl = idle.pop()
            curl.setopt(pycurl.POSTFIELDS, bodies(started))
            multi.add_handle(curl)
            started, going = started + 1, going + 1
        multi.perform()
        _, good, bad = multi.info_read()
        for curl in (*good, *(entry[0] for entry in bad)):
            status = curl.getinfo(pycurl.RESPONSE_CODE)
            told.statuses[status] = told.statuses.get(status, 0) + 1
            multi.remove_handle(curl)
            idle.append(curl)
            going -= 1
        if not good and not bad:
            multi.select(0.1)
    told.seconds = time.monotonic() - began
    return told


def handle(url: str, key: str) -> pycurl.Curl:
    """For POSTs of JSON; what comes back is thrown away."""
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(
        pycurl.HTTPHEADER,
        [f"Authorization: Bearer {key}", "Content-Type: application/json", "Expect:"],
    )
    curl.setopt(pycurl.WRITEFUNCTION, lambda _: None)
    curl.setopt(pycurl.PROXY, "")
    return curl
