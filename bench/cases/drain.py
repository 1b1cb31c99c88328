"""Empty a due queue: alone, and next to hanging or slow receivers."""

import os
import subprocess
import sys

from bench import rows
from bench.baselines.bare_loop import bare_loop, headers_and_body
from bench.figures import Aim, Case, at_least, at_most, percentile, ratio
from bench.installation import BODY_BYTES, Installation, Servers, installation, payload_of
from bench.receiver import Receiver
from bench.workers import ROOT, until, workers
from tests.support.servers import redis as redis_server

NUMBER, WEBHOOKS = 20_000, 50
USUAL_NUMBER, FORKED_NUMBER = 600, 80


def drained(target: Installation, receiver: Receiver, expected: int) -> tuple[float, list[float]]:
    """Deliveries per second from the first request to the last, and milliseconds of each request
    since the first. All of them are recorded when this returns."""
    receiver.report()
    with workers(target):
        until(lambda: receiver.count() >= expected)
        until(
            lambda: (
                target.scalar("SELECT count(*) FROM deliveries WHERE state = 'succeeded'")
                >= expected
            )
        )
        moments = [moment for moment, *_ in receiver.report()["responded"]]
    seconds = moments[expected - 1] - moments[0]
    return expected / seconds, [(moment - moments[0]) * 1000 for moment in moments[:expected]]


def filled(target: Installation, receiver: Receiver) -> list[str]:
    urls = [receiver.url("ok", n) for n in range(WEBHOOKS)]
    ids = target.webhooks(target.organization(), urls)
    rows.due(target, ids, NUMBER)
    target.analyze()
    return ids


def run(servers: Servers) -> dict[str, float]:
    figures: dict[str, float] = {}
    with Receiver() as receiver:
        for kind in ("SQLite", "PostgreSQL"):
            with installation(kind, servers) as target:
                ids = filled(target, receiver)
                figures[kind], _ = drained(target, receiver, NUMBER)
                if kind == "SQLite":
                    headers, body = headers_and_body(target, ids[0])
                    figures["(b) usual, SimpleWorker"] = usual(
                        target, receiver, "simple", USUAL_NUMBER
                    )
                    figures["(c) usual, forking"] = usual(target, receiver, "fork", FORKED_NUMBER)
        urls = [receiver.url("ok", n) for n in range(WEBHOOKS)]
        figures["(a) bare loop"] = bare_loop(urls, headers, body, NUMBER)
    return figures


def usual(target: Installation, receiver: Receiver, kind: str, number: int) -> float:
    url = f"sqlite:///{target.directory}/usual-{kind}.db"
    urls = [receiver.url("ok", n) for n in range(WEBHOOKS)]
    environ = os.environ | {"USUAL_DATABASE_URL": url}
    payload = payload_of(BODY_BYTES).decode()
    fill = (
        "import sys; from bench.baselines.usual import fill; "
        "fill(sys.argv[3:], sys.argv[1], int(sys.argv[2]))"
    )
    subprocess.run(
        [sys.executable, "-c", fill, payload, str(number), *urls], env=environ, cwd=ROOT, check=True
    )
    with redis_server.running() as redis_url:
        command = [sys.executable, "-m", "bench.baselines.usual_run", kind, redis_url, str(number)]
        done = subprocess.run(command, env=environ, cwd=ROOT, check=True, capture_output=True)
    receiver.report()
    return float(done.stdout.split()[-1])


def _at_rate(kind: str, rate: int) -> Aim:
    name = f"{kind}, at least {rate:,} deliveries/s on a quiet machine"
    return Aim(name, lambda figures: figures[kind], at_least(rate))


DRAIN = Case(
    "drain",
    f"Drain {NUMBER:,} due deliveries, {WEBHOOKS} webhooks, fast receiver, 1 worker",
    run,
    [
        Aim("SQLite to (b), at least 20", ratio("SQLite", "(b) usual, SimpleWorker"), at_least(20)),
        Aim("SQLite to (c), at least 100", ratio("SQLite", "(c) usual, forking"), at_least(100)),
        Aim("SQLite to (a), at least 0.2", ratio("SQLite", "(a) bare loop"), at_least(0.2)),
        Aim(
            "PostgreSQL to (a), at least 0.15", ratio("PostgreSQL", "(a) bare loop"), at_least(0.15)
        ),
        _at_rate("SQLite", 14_000),
        _at_rate("PostgreSQL", 10_000),
    ],
    units=dict.fromkeys(
        ["SQLite", "PostgreSQL", "(a) bare loop", "(b) usual, SimpleWorker", "(c) usual, forking"],
        "deliveries/s",
    ),
)


def with_bad_webhooks(kind: str, servers: Servers) -> dict[str, float]:
    bad = WEBHOOKS // 10
    healthy = NUMBER * (WEBHOOKS - bad) // WEBHOOKS
    figures: dict[str, float] = {}
    with Receiver() as receiver:
        for name, number_bad in (("without", 0), ("with", bad)):
            with installation("SQLite", servers) as target:
                ids = target.webhooks(
                    target.organization(),
                    [receiver.url("ok", n) for n in range(WEBHOOKS - bad)]
                    + [receiver.url(kind, n) for n in range(number_bad)],
                )
                rows.due(target, ids, healthy * len(ids) // (WEBHOOKS - bad))
                rate, offsets = healthy_drained(target, receiver, healthy)
                figures[f"rate {name}"] = rate
                figures[f"p99 {name}"] = percentile(offsets, 0.99)
    return figures


def healthy_drained(
    target: Installation, receiver: Receiver, expected: int
) -> tuple[float, list[float]]:
    receiver.report()
    moments: list[float] = []

    def has_all() -> bool:
        responded = receiver.report()["responded"]
        moments.extend(moment for moment, kind, _ in responded if kind == "ok")
        return len(moments) >= expected

    with workers(target):
        until(has_all)
    seconds = moments[expected - 1] - moments[0]
    return expected / seconds, [(moment - moments[0]) * 1000 for moment in moments[:expected]]


def _bad_webhooks_case(name: str, kind: str, what: str) -> Case:
    return Case(
        name,
        f"The same with 1 webhook in 10 {what}",
        lambda servers: with_bad_webhooks(kind, servers),
        [
            Aim(
                "healthy rate with to without, at least 0.9",
                ratio("rate with", "rate without"),
                at_least(0.9),
            ),
            Aim(
                "healthy p99 with to without, at most 2",
                ratio("p99 with", "p99 without"),
                at_most(2),
            ),
        ],
        units={
            "rate with": "deliveries/s",
            "rate without": "deliveries/s",
            "p99 with": "ms",
            "p99 without": "ms",
        },
    )


HANGING = _bad_webhooks_case("hanging", "hang", "hanging until the timeout")
SLOW = _bad_webhooks_case("slow", "after/1000", "taking 1 s")
