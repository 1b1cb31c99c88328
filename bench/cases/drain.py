"""Draining what is due: alone, and beside receivers that hang or are slow."""

import os
import subprocess
import sys

from bench import rows
from bench.baselines.bare_loop import bare_loop, headers_and_body
from bench.figures import Aim, Case, at_least, at_most, percentile, ratio
from bench.installation import BODY_BYTES, Installation, Servers, installation, payload_of
from bench.receiver import Receiver
from bench.workers import ROOT, until, workers
from tests.support import redis_server

NUMBER, WEBHOOKS = 20_000, 50
USUAL_NUMBER, FORKED_NUMBER = 600, 80


def drained(at: Installation, receiver: Receiver, expected: int) -> tuple[float, list[float]]:
    """Deliveries a second of those that are answered, from the first that came to the last, and
    each one's milliseconds since the first. All of them are recorded when this returns."""
    receiver.report()
    with workers(at):
        until(lambda: receiver.count() >= expected)
        until(
            lambda: (
                at.scalar("SELECT count(*) FROM deliveries WHERE state = 'succeeded'") >= expected
            )
        )
        came = [moment for moment, *_ in receiver.report()["answered"]]
    seconds = came[expected - 1] - came[0]
    return expected / seconds, [(moment - came[0]) * 1000 for moment in came[:expected]]


def filled(at: Installation, receiver: Receiver) -> list[str]:
    urls = [receiver.url("ok", n) for n in range(WEBHOOKS)]
    ids = at.webhooks(at.organization(), urls)
    rows.due(at, ids, NUMBER)
    at.analyze()
    return ids


def run(servers: Servers) -> dict[str, float]:
    figures: dict[str, float] = {}
    with Receiver() as receiver:
        for kind in ("SQLite", "PostgreSQL"):
            with installation(kind, servers) as at:
                ids = filled(at, receiver)
                figures[kind], _ = drained(at, receiver, NUMBER)
                if kind == "SQLite":
                    lines, body = headers_and_body(at, ids[0])
                    figures["(b) usual, SimpleWorker"] = usual(at, receiver, "simple", USUAL_NUMBER)
                    figures["(c) usual, forking"] = usual(at, receiver, "fork", FORKED_NUMBER)
        urls = [receiver.url("ok", n) for n in range(WEBHOOKS)]
        figures["(a) bare loop"] = bare_loop(urls, lines, body, NUMBER)
    return figures


def usual(at: Installation, receiver: Receiver, kind: str, number: int) -> float:
    url = f"sqlite:///{at.directory}/usual-{kind}.db"
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
    ],
    units=dict.fromkeys(
        ["SQLite", "PostgreSQL", "(a) bare loop", "(b) usual, SimpleWorker", "(c) usual, forking"],
        "deliveries/s",
    ),
)


def beside(kind: str, servers: Servers) -> dict[str, float]:
    bad = WEBHOOKS // 10
    healthy = NUMBER * (WEBHOOKS - bad) // WEBHOOKS
    figures: dict[str, float] = {}
    with Receiver() as receiver:
        for name, number_bad in (("without", 0), ("with", bad)):
            with installation("SQLite", servers) as at:
                ids = at.webhooks(
                    at.organization(),
                    [receiver.url("ok", n) for n in range(WEBHOOKS - bad)]
                    + [receiver.url(kind, n) for n in range(number_bad)],
                )
                rows.due(at, ids, healthy * len(ids) // (WEBHOOKS - bad))
                rate, offsets = healthy_drained(at, receiver, healthy)
                figures[f"{name} them"] = rate
                figures[f"p99 {name} them"] = percentile(offsets, 0.99)
    return figures


def healthy_drained(
    at: Installation, receiver: Receiver, expected: int
) -> tuple[float, list[float]]:
    receiver.report()
    came: list[float] = []

    def enough() -> bool:
        answered = receiver.report()["answered"]
        came.extend(moment for moment, kind, _ in answered if kind == "ok")
        return len(came) >= expected

    with workers(at):
        until(enough)
    seconds = came[expected - 1] - came[0]
    return expected / seconds, [(moment - came[0]) * 1000 for moment in came[:expected]]


def _beside_case(name: str, kind: str, what: str) -> Case:
    return Case(
        name,
        f"The same beside 1 webhook in 10 {what}",
        lambda servers: beside(kind, servers),
        [
            Aim(
                "healthy rate with to without, at least 0.9",
                ratio("with them", "without them"),
                at_least(0.9),
            ),
            Aim(
                "healthy p99 with to without, at most 2",
                ratio("p99 with them", "p99 without them"),
                at_most(2),
            ),
        ],
        units={
            "with them": "deliveries/s",
            "without them": "deliveries/s",
            "p99 with them": "ms",
            "p99 without them": "ms",
        },
    )


HANGING = _beside_case("hanging", "hang", "hanging until its deadline")
SLOW = _beside_case("slow", "after/1000", "taking 1 s")
