"""Taking events in: one by one, in batches, and how soon they are out again."""

import json
import os
import time
from collections.abc import Mapping

import pycurl

from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from bench.baselines.bulk_insert import bulk_insert
from bench.client import handle, post
from bench.figures import Aim, Case, at_least, at_most, percentile, ratio
from bench.installation import BODY_BYTES, KINDS, Installation, Servers, installation, payload_of
from bench.receiver import Receiver
from bench.web import web
from bench.workers import enrolled, recorded, until, workers

SECONDS = 3.0
PACED = 400
CONNECTIONS = 16


def opened(at: Installation, url: str) -> tuple[str, str, str]:
    """An organization with one webhook to `url`: its id, a key, the webhook's id."""
    organization_id = at.organization()
    webhook_id = at.webhooks(organization_id, [url])[0]
    with at.app.app_context():
        key = api_keys.create(organization_id, "bench", actor=SYSTEM).key
    return organization_id, key, webhook_id


def body(_: int = 0, size: int = BODY_BYTES) -> bytes:
    return b'{"type":"t.n0","payload":%b}' % payload_of(size)


def one_by_one(servers: Servers) -> dict[str, float]:
    figures: dict[str, float] = {}
    for processes in (1, 2):
        for kind in KINDS:
            with installation(kind, servers) as at:
                _, key, _ = opened(at, "http://127.0.0.1:9/")
                told = posted(at, "wsgi:app", processes, key)
                figures[f"{kind}, {processes} web"] = told
                if kind == KINDS[-1]:
                    bare = posted(at, "bench.baselines.bare_route:app", processes, key)
                    figures[f"(d) bare route, {processes} web"] = bare
    return figures


def posted(at: Installation, application: str, processes: int, key: str) -> float:
    """Events a second."""
    with web(at, application, processes) as base:
        address = f"{base}/api/v1/events"
        post(address, key, body, connections=CONNECTIONS, seconds=0.5)
        told = post(address, key, body, connections=CONNECTIONS, seconds=SECONDS)
    assert set(told.statuses) == {202}, told.statuses
    return told.rate


def _single_aims(kind: str) -> list[Aim]:
    one, two = f"{kind}, 1 web", f"{kind}, 2 web"
    return [
        Aim(f"{one} to (d), at least 0.7", ratio(one, "(d) bare route, 1 web"), at_least(0.7)),
        Aim(f"{two} to (d), at least 0.45", ratio(two, "(d) bare route, 2 web"), at_least(0.45)),
        Aim(f"{kind}: 2 web to 1, more than 1", ratio(two, one), lambda value: value > 1),
    ]


ONE_BY_ONE = Case(
    "ingest",
    f"Events posted one by one by {CONNECTIONS} connections, every commit on the disk",
    one_by_one,
    [aim for kind in KINDS for aim in _single_aims(kind)],
    units={f"{kind}, {n} web": "events/s" for kind in (*KINDS, "(d) bare route") for n in (1, 2)},
    notes="16 threads in each web process; the client has a core's share of the same machine.",
)


def batches(servers: Servers) -> dict[str, float]:
    figures: dict[str, float] = {}
    one = json.loads(body())
    batch = json.dumps({"events": [one] * 100}).encode()
    for kind in KINDS:
        with installation(kind, servers) as at:
            organization_id, key, webhook_id = opened(at, "http://127.0.0.1:9/")
            with web(at) as base:
                address = f"{base}/api/v1/events/batch"
                post(address, key, lambda _: batch, connections=4, seconds=0.5)
                told = post(address, key, lambda _: batch, connections=4, seconds=SECONDS)
                assert set(told.statuses) == {202}, told.statuses
            figures[kind] = told.rate * 100
            bare = bulk_insert(at, organization_id, webhook_id, 20_000, 100)
            figures[f"(e) bulk insert, {kind}"] = bare
    return figures


BATCHES = Case(
    "batches",
    "Events posted in batches of 100",
    batches,
    [
        Aim(f"{kind} to (e), at least 0.5", ratio(kind, f"(e) bulk insert, {kind}"), at_least(0.5))
        for kind in KINDS
    ],
    units={name: "events/s" for kind in KINDS for name in (kind, f"(e) bulk insert, {kind}")},
)


def latency(servers: Servers) -> dict[str, float]:
    figures: dict[str, float] = {}
    for kind in KINDS:
        with Receiver() as receiver, installation(kind, servers) as at:
            _, key, _ = opened(at, receiver.url("ok", 0))
            with web(at) as base, workers(at):
                until(enrolled(at, 1))
                paced(f"{base}/api/v1/events", key, 100, 50)
                until(recorded(at))
                receiver.report()
                paced(f"{base}/api/v1/events", key, 100, PACED)
                until(recorded(at))
                took = [took for *_, took in receiver.report()["answered"] if took is not None]
            assert len(took) == PACED, len(took)
            figures[f"{kind} p50"] = percentile(took, 0.5)
            figures[f"{kind} p99"] = percentile(took, 0.99)
    return figures


def paced(url: str, key: str, rate: float, number: int) -> None:
    """So many events a second over one connection, each telling when its request began."""
    producer, began = handle(url, key), time.monotonic()
    for n in range(number):
        pause = began + n / rate - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        producer.setopt(pycurl.POSTFIELDS, told_when())
        producer.perform()
        assert producer.getinfo(pycurl.RESPONSE_CODE) == 202


def told_when(_: int = 0) -> bytes:
    return b'{"type":"t.n0","payload":{"sent_at":%d}}' % time.time_ns()


LATENCY = Case(
    "latency",
    "From the producer's request to the receiver's, at 100 events/s",
    latency,
    [
        Aim(
            f"{kind} {part}, at most {most} ms",
            lambda f, n=f"{kind} {part}": f[n],
            at_most(most),
            "ms",
        )
        for kind in KINDS
        for part, most in (("p50", 10), ("p99", 50))
    ],
    units={f"{kind} {part}": "ms" for kind in KINDS for part in ("p50", "p99")},
    notes=f"{PACED} events over one connection, with one web process and one worker.",
)


def together(servers: Servers) -> dict[str, float]:
    figures: dict[str, float] = {}
    seconds = float(os.environ.get("BENCH_TOGETHER_SECONDS", "60"))
    for kind in KINDS:
        with Receiver() as receiver, installation(kind, servers) as at:
            _, key, _ = opened(at, receiver.url("ok", 0))
            at.run("UPDATE webhooks SET max_in_flight = 200, version = version + 1")
            with web(at) as base, workers(at):
                until(enrolled(at, 1))
                address = f"{base}/api/v1/events"
                told = post(address, key, told_when, connections=CONNECTIONS, seconds=seconds)
                behind = at.scalar("SELECT count(*) FROM due")
                taken = sum(number for status, number in told.statuses.items() if status == 202)
                until(lambda: receiver.count() >= taken)  # noqa: B023 -- run within the loop
                took = [took for *_, took in receiver.report()["answered"] if took is not None]
            figures[f"{kind} ingest"] = told.rate
            figures[f"{kind} due at the end"] = behind
            figures[f"{kind} longest behind"] = max(took) / 1000
    return figures


def _behind(kind: str) -> Aim:
    name = f"{kind} longest behind"

    def value(figures: Mapping[str, float]) -> float:
        return figures[name]

    return Aim(f"{kind}: never behind for longer than 5 s", value, at_most(5), "s")


TOGETHER = Case(
    "together",
    "Ingest and delivery together, as fast as it goes",
    together,
    [_behind(kind) for kind in KINDS],
    units={
        f"{kind} {what}": unit
        for kind in KINDS
        for what, unit in (
            ("ingest", "events/s"),
            ("due at the end", "deliveries"),
            ("longest behind", "s"),
        )
    },
    times=1,
    notes="One run of 60 s on each database.",
)
