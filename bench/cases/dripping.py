"""Producers beside clients that drip their requests, a byte at a time."""

import contextlib
import http.client
import multiprocessing
import select
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from urllib.parse import urlsplit

from app.sending.http.descriptors import raise_open_file_limit
from bench.figures import Aim, Case, at_most, percentile, ratio
from bench.installation import Installation, Servers, installation
from bench.producer import event
from bench.web import web
from bench.workers import until

DRIPPING, EVERY_SECONDS = 1_000, 5.0
RATE, SECONDS, ROUNDS = 50, 5.0, 7
_ACCEPTED = f"a new connection behind {DRIPPING:,} new ones"
# Half of them drip their header, half their body.
_HEADS = (
    b"POST /api/v1/events HTTP/1.1\r\nHost: a\r\nX-Filler: ",
    b"POST /api/v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n",
)


def run(servers: Servers) -> dict[str, float]:
    """In turns, so that other load on the machine affects both."""
    raise_open_file_limit(2 * DRIPPING)
    without: list[list[float]] = []
    beside: list[list[float]] = []
    accepted: list[float] = []
    with installation("SQLite", servers) as target, web(target) as url:
        key = _key(target)
        posted(url, key, 1.0)
        for _ in range(ROUNDS):
            without.append(posted(url, key, SECONDS))
            with dripping(url) as milliseconds:
                accepted.append(milliseconds)
                beside.append(posted(url, key, SECONDS))
    figures = {
        f"p{round(part * 100)} {name}": statistics.median(percentile(t, part) for t in times)
        for name, times in (("alone", without), (f"beside {DRIPPING:,}", beside))
        for part in (0.5, 0.99)
    }
    return figures | {_ACCEPTED: statistics.median(accepted)}


def _key(target: Installation) -> str:
    from app.services.accounts import api_keys
    from app.services.accounts.actor import SYSTEM

    organization_id = target.organization()
    with target.app.app_context():
        return api_keys.create(organization_id, "bench", actor=SYSTEM).key


def posted(url: str, key: str, seconds: float) -> list[float]:
    """Milliseconds from the moment at which each event was to be posted to its response."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    began, times = time.monotonic(), []
    for number in range(int(RATE * seconds)):
        at = began + number / RATE
        time.sleep(max(0.0, at - time.monotonic()))
        connection.request("POST", "/api/v1/events", event(), headers)
        response = connection.getresponse()
        response.read()
        assert response.status == 202, response.status
        times.append((time.monotonic() - at) * 1000)
    connection.close()
    return times


@contextmanager
def dripping(url: str) -> Iterator[float]:
    """The server has accepted all of them when the block begins. Gives how long that took after
    the last of them had connected, in milliseconds."""
    context = multiprocessing.get_context("spawn")
    ready, stop = context.Event(), context.Event()
    port = urlsplit(url).port or 0
    process = context.Process(target=_drip, args=(port, ready, stop), daemon=True)
    process.start()
    try:
        until(ready.is_set)
        began = time.monotonic()
        # Connections are accepted in their order: this one is the last.
        answered(url)
        yield (time.monotonic() - began) * 1000
    finally:
        stop.set()
        process.join()


def answered(url: str) -> None:
    """A request over a new connection has its response."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    connection.request("GET", "/healthz")
    response = connection.getresponse()
    response.read()
    assert response.status == 200, response.status
    connection.close()


def _drip(port: int, ready: Event, stop: Event) -> None:
    """Whoever is refused or cut off begins again."""
    raise_open_file_limit(2 * DRIPPING)
    peers = [_begin(port, n) for n in range(DRIPPING)]
    ready.set()
    pause = EVERY_SECONDS / DRIPPING
    began, number = time.monotonic(), 0
    while not stop.is_set():
        time.sleep(max(0.0, began + number * pause - time.monotonic()))
        index = number % DRIPPING
        number += 1
        peer = peers[index]
        if select.select([peer], [], [], 0)[0]:
            peer.close()
            peers[index] = _begin(port, number)
            continue
        with contextlib.suppress(OSError):
            peer.send(b"x")
    for peer in peers:
        peer.close()


def _begin(port: int, number: int) -> socket.socket:
    peer = socket.create_connection(("127.0.0.1", port), 30)
    peer.send(_HEADS[number % 2])
    return peer


DRIPPERS = Case(
    "dripping",
    f"Producers beside {DRIPPING:,} connections that drip",
    run,
    [
        Aim(
            f"p99 beside {DRIPPING:,} to alone, at most 2",
            ratio(f"p99 beside {DRIPPING:,}", "p99 alone"),
            at_most(2),
        )
    ],
    units=dict.fromkeys(
        [
            "p50 alone",
            "p99 alone",
            f"p50 beside {DRIPPING:,}",
            f"p99 beside {DRIPPING:,}",
            _ACCEPTED,
        ],
        "ms",
    ),
    times=1,
    notes=(
        f"One web process on SQLite; {RATE} events a second over one connection. Half of the others"
        f" drip a header, half a body, a byte each {EVERY_SECONDS:g} s; those that are cut off"
        f" connect again. {ROUNDS} times {SECONDS:g} s of each, in turns: the median of these."
    ),
)
