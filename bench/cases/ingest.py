"""Ingest one by one and in batches, and the latency to the receiver."""

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
from bench.workers import all_recorded, registered, until, workers

SECONDS = 3.0
PACED = 400
CONNECTIONS = 16


def create_target(target: Installation, url: str) -> tuple[str, str, str]:
    """Create an organization with one webhook. Returns its id, an API key, the webhook's id."""
    organization_id = target.organization()
    webhook_id = target.webhooks(organization_id, [url])[0]
    with target.app.app_context():
        key = api_keys.create(organization_id, "bench", actor=SYSTEM).key
    return organization_id, key, webhook_id


def body(_: int = 0, size: int = BODY_BYTES) -> bytes:
    return b'{"type":"t.n0","payload":%b}' % payload_of(size)


def one_by_one(servers: Servers) -> dict[str, float]:
    figures: dict[str, float] = {}
    for processes in (1, 2):
        for kind in KINDS:
            with installation(kind, servers) as target:
                _, key, _ = create_target(target, "http://127.0.0.1:9/")
                rate = posted(target, "wsgi:app", processes, key)
                figures[f"{kind}, {processes} web"] = rate
                if kind == KINDS[-1]:
                    bare = posted(target, "bench.baselines.bare_route:app", processes, key)
                    figures[f"(d) bare route, {processes} web"] = bare
    return figures


def posted(target: Installation, application: str, processes: int, key: str) -> float:
    """Events per second."""
    with web(target, application, processes) as base:
        address = f"{base}/api/v1/events"
        post(address, key, body, connections=CONNECTIONS, seconds=0.5)
        result = post(address, key, body, connections=CONNECTIONS, seconds=SECONDS)
    assert set(result.statuses) == {202}, result.statuses
    return result.rate


def _single_aims(kind: str) -> list[Aim]:
    single, two = f"{kind}, 1 web", f"{kind}, 2 web"
    return [
        Aim(
            f"{single} to (d), at least 1.5", ratio(single, "(d) bare route, 1 web"), at_least(1.5)
        ),
        Aim(f"{two} to (d), at least 0.45", ratio(two, "(d) bare route, 2 web"), at_least(0.45)),
        Aim(f"{kind}: 2 web to 1, more than 1", ratio(two, single), lambda value: value > 1),
    ]


ONE_BY_ONE = Case(
    "ingest",
    f"Events posted one by one by {CONNECTIONS} connections, fsync on every commit",
    one_by_one,
    [aim for kind in KINDS for aim in _single_aims(kind)],
    units={f"{kind}, {n} web": "events/s" for kind in (*KINDS, "(d) bare route") for n in (1, 2)},
    notes="16 threads in each web process; the client runs on the same machine.",
)


def batches(servers: Servers) -> dict[str, float]:
    figures: dict[str, float] = {}
    event = json.loads(body())
    batch = json.dumps({"events": [event] * 100}).encode()
    for kind in KINDS:
        with installation(kind, servers) as target:
            organization_id, key, webhook_id = create_target(target, "http://127.0.0.1:9/")
            with web(target) as base:
                address = f"{base}/api/v1/events/batch"
                post(address, key, lambda _: batch, connections=4, seconds=0.5)
                result = post(address, key, lambda _: batch, connections=4, seconds=SECONDS)
                assert set(result.statuses) == {202}, result.statuses
            figures[kind] = result.rate * 100
            bare = bulk_insert(target, organization_id, webhook_id, 20_000, 100)
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
        with Receiver() as receiver, installation(kind, servers) as target:
            _, key, _ = create_target(target, receiver.url("ok", 0))
            with web(target) as base, workers(target):
                until(registered(target, 1))
                post_at_rate(f"{base}/api/v1/events", key, 100, 50)
                until(all_recorded(target))
                receiver.report()
                post_at_rate(f"{base}/api/v1/events", key, 100, PACED)
                until(all_recorded(target))
                latencies = [ms for *_, ms in receiver.report()["responded"] if ms is not None]
            assert len(latencies) == PACED, len(latencies)
            figures[f"{kind} p50"] = percentile(latencies, 0.5)
            figures[f"{kind} p99"] = percentile(latencies, 0.99)
    return figures


def post_at_rate(url: str, key: str, rate: float, number: int) -> None:
    """Post `rate` events per second over one connection, each with its start time as payload."""
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
    "Latency from the producer's request to the receiver's, at 100 events/s",
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
        with Receiver() as receiver, installation(kind, servers) as target:
            _, key, _ = create_target(target, receiver.url("ok", 0))
            target.run("UPDATE webhooks SET max_in_flight = 200, version = version + 1")
            with web(target) as base, workers(target):
                until(registered(target, 1))
                address = f"{base}/api/v1/events"
                result = post(address, key, told_when, connections=CONNECTIONS, seconds=seconds)
                due = target.scalar("SELECT count(*) FROM due")
                accepted = sum(
                    number for status, number in result.statuses.items() if status == 202
                )
                until(lambda: receiver.count() >= accepted)  # noqa: B023 -- run within the loop
                latencies = [ms for *_, ms in receiver.report()["responded"] if ms is not None]
            figures[f"{kind} ingest"] = result.rate
            figures[f"{kind} due at the end"] = due
            figures[f"{kind} max latency"] = max(latencies) / 1000
    return figures


def _max_latency(kind: str) -> Aim:
    name = f"{kind} max latency"

    def value(figures: Mapping[str, float]) -> float:
        return figures[name]

    return Aim(f"{kind}: max latency, at most 5 s", value, at_most(5), "s")


TOGETHER = Case(
    "together",
    "Ingest and delivery together, at full speed",
    together,
    [_max_latency(kind) for kind in KINDS],
    units={
        f"{kind} {what}": unit
        for kind in KINDS
        for what, unit in (
            ("ingest", "events/s"),
            ("due at the end", "deliveries"),
            ("max latency", "s"),
        )
    },
    times=1,
    notes="One run of 60 s on each database.",
)
