"""The wire beside a bare pycurl multi loop: the same bytes to the same receiver, in one run.

    python bench/wire_loop.py [--requests 20000] [--in-flight 100] [--rounds 3]

The receiver is a process of its own that reads, counts and answers, and no more.
"""

import argparse
import ipaddress
import multiprocessing
import os
import resource
import select
import socket
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import pycurl

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.sending.guard import Guard
from app.sending.wire import Wire

BODY = b'{"type":"encoding.finished","payload":"' + b"x" * 984 + b'"}'
HEADERS = [
    ("Content-Type", "application/json"),
    ("User-Agent", "Callboard/0.1.0"),
    ("Accept", "*/*"),
    ("webhook-id", "msg_01926d8e-5c1b-7a70-b2a9-5d4f2f9b6a10"),
    ("webhook-timestamp", "1771933940"),
    ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ("X-Callboard-Event-Type", "encoding.finished"),
    ("X-Callboard-Attempt", "1"),
]
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass(slots=True)
class Request:
    url: str
    headers: list[tuple[str, str]]
    method: str = "POST"
    body: bytes = BODY


def receive(ready: Connection) -> None:
    """Answer whatever ends as the body ends; keep connections."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    ready.send(listener.getsockname()[1])
    epoll = select.epoll()
    epoll.register(listener.fileno(), select.EPOLLIN)
    peers: dict[int, socket.socket] = {}
    while True:
        for number, _ in epoll.poll():
            if number == listener.fileno():
                peer, _ = listener.accept()
                peers[peer.fileno()] = peer
                epoll.register(peer.fileno(), select.EPOLLIN)
                continue
            data = peers[number].recv(65536)
            if not data:
                peers.pop(number).close()
            elif data.endswith(b'"}'):
                peers[number].send(ANSWER)


def bare(urls: list[str], count: int, in_flight: int) -> None:
    """The loop that stores, checks and measures nothing."""
    multi = pycurl.CurlMulti()
    multi.setopt(pycurl.M_MAXCONNECTS, in_flight + 16)
    lines = [f"{name}: {value}" for name, value in HEADERS]
    idle = []
    for _ in range(in_flight):
        curl = pycurl.Curl()
        curl.setopt(pycurl.HTTPHEADER, lines)
        curl.setopt(pycurl.POSTFIELDS, BODY)
        curl.setopt(pycurl.WRITEFUNCTION, lambda _: None)
        curl.setopt(pycurl.PROXY, "")
        idle.append(curl)
    started = finished = 0
    while finished < count:
        while idle and started < count:
            curl = idle.pop()
            curl.setopt(pycurl.URL, urls[started % len(urls)])
            multi.add_handle(curl)
            started += 1
        multi.perform()
        left, good, bad = multi.info_read()
        for curl in (*good, *(entry[0] for entry in bad)):
            assert curl.getinfo(pycurl.RESPONSE_CODE) == 200
            multi.remove_handle(curl)
            idle.append(curl)
            finished += 1
        if not good and not bad and not left:
            multi.select(1.0)


def wired(urls: list[str], count: int, in_flight: int) -> None:
    wire = Wire(Guard([ipaddress.ip_network("127.0.0.0/8")]), max_in_flight=in_flight)
    requests = [Request(url, HEADERS) for url in urls]
    started = finished = 0
    while finished < count:
        while wire.free and started < count:
            wire.start(requests[started % len(requests)], timeout=15, tag=started)
            started += 1
        for _, outcome in wire.poll(1.0):
            assert outcome.status == 200, outcome
            finished += 1
    wire.close()


def timed(loop: Callable[[], None], count: int) -> tuple[float, float]:
    """Requests a second, and milliseconds of CPU for each."""
    before, began = _cpu(), time.monotonic()
    loop()
    return count / (time.monotonic() - began), (_cpu() - before) * 1000 / count


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--in-flight", type=int, default=100)
    parser.add_argument("--webhooks", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    here, there = multiprocessing.Pipe()
    receiver = multiprocessing.Process(target=receive, args=(there,), daemon=True)
    receiver.start()
    port = here.recv()
    urls = [f"http://127.0.0.1:{port}/hooks/{number}" for number in range(given.webhooks)]
    figures: dict[str, list[tuple[float, float]]] = {"bare": [], "wire": []}
    for _ in range(given.rounds):
        for name, loop in (("bare", bare), ("wire", wired)):
            run = lambda loop=loop: loop(urls, given.requests, given.in_flight)  # noqa: E731
            figures[name].append(timed(run, given.requests))
    receiver.terminate()
    print(f"{given.requests} requests, {given.in_flight} in flight, {os.cpu_count()} cores")
    rates = {}
    for name, runs in figures.items():
        rates[name] = statistics.median(rate for rate, _ in runs)
        cpu = statistics.median(cpu for _, cpu in runs)
        print(f"{name}: {rates[name]:,.0f} requests/s, {cpu:.3f} ms of CPU each")
    print(f"ratio: {rates['wire'] / rates['bare']:.2f}")


if __name__ == "__main__":
    main()
