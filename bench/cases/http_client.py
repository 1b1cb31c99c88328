"""The HTTP client alone, without a database, compared with a bare loop."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.addresses.private import parse_targets
from app.sending.addresses.guard import Guard
from app.sending.http.client import HttpClient
from bench.baselines.bare_loop import IN_FLIGHT, bare_loop
from bench.figures import Aim, Case, at_least, ratio
from bench.installation import BODY_BYTES, Servers, payload_of
from bench.receiver import Receiver

NUMBER, WEBHOOKS = 20_000, 50
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


@dataclass(slots=True)
class Request:
    url: str
    body: bytes
    headers: list[tuple[str, str]]
    method: str = "POST"


def run(_: Servers) -> dict[str, float]:
    body = payload_of(BODY_BYTES)
    headers = [f"{name}: {value}" for name, value in HEADERS]
    figures: dict[str, float] = {}
    with Receiver() as receiver:
        urls = [receiver.url("ok", n) for n in range(WEBHOOKS)]
        for name, loop in (
            ("HTTP client", lambda: requests_per_second(urls, body, NUMBER)),
            ("(a) bare loop", lambda: bare_loop(urls, headers, body, NUMBER)),
        ):
            before = time.process_time()
            figures[name] = loop()
            figures[f"{name}, CPU each"] = (time.process_time() - before) / NUMBER * 1e6
    return figures


def requests_per_second(urls: Sequence[str], body: bytes, number: int) -> float:
    """Requests a second."""
    client = HttpClient(Guard(parse_targets("127.0.0.0/8")), max_in_flight=IN_FLIGHT)
    requests = [Request(url, body, HEADERS) for url in urls]
    before = time.monotonic()
    started = finished = 0
    while finished < number:
        while client.in_flight < IN_FLIGHT and started < number:
            client.start(requests[started % len(requests)], timeout=15, tag=started)
            started += 1
        for _, outcome in client.poll(1.0):
            assert outcome.status == 200, outcome
            finished += 1
    client.close()
    return number / (time.monotonic() - before)


HTTP_CLIENT = Case(
    "http_client",
    f"HTTP client alone, {IN_FLIGHT} in flight",
    run,
    [Aim("HTTP client to (a), at least 0.5", ratio("HTTP client", "(a) bare loop"), at_least(0.5))],
    units={
        name + more: unit
        for name in ("HTTP client", "(a) bare loop")
        for more, unit in (("", "requests/s"), (", CPU each", "us"))
    },
    notes="Name resolution, address guard, deadlines and storing of responses, without a database.",
)
