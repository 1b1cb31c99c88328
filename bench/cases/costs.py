"""CPU time and stored bytes per event, by part of the product."""

from collections.abc import Iterable

import psutil
import redis

from bench.cases.ingest import CONNECTIONS, body, create_target
from bench.client import post
from bench.figures import Case
from bench.installation import KINDS, Installation, Servers, installation, payload_of
from bench.receiver import Receiver
from bench.web import web
from bench.workers import all_recorded, registered, until, workers

SINGLE, BATCHED = 4_000, 20_000
EACH = 100


def run(servers: Servers) -> dict[str, float]:
    figures: dict[str, float] = {}
    for kind in KINDS:
        for how, number, each in (("one by one", SINGLE, 1), ("in batches", BATCHED, EACH)):
            with Receiver() as receiver, installation(kind, servers) as target:
                costs = spent(target, servers, receiver, number, each)
            figures |= {f"{kind}, {how}: {name}": value for name, value in costs.items()}
    return figures


def spent(
    target: Installation, servers: Servers, receiver: Receiver, number: int, each: int
) -> dict[str, float]:
    """Per event with one delivery: milliseconds of CPU, and bytes."""
    _, key, _ = create_target(target, receiver.url("ok", 0))
    payloads = [payload_of(1000)] * each
    batch = b'{"events":[%b]}' % b",".join(
        b'{"type":"t.n0","payload":%b}' % payload for payload in payloads
    )
    path, content = ("events", body()) if each == 1 else ("events/batch", batch)
    with web(target) as base, workers(target):
        until(registered(target, 1))
        address = f"{base}/api/v1/{path}"
        post(address, key, lambda _: content, connections=4, seconds=5, number=4)
        until(all_recorded(target))
        parts = processes(target, servers)
        before = {name: cpu(members) for name, members in parts.items()}
        sizes = stored(target)
        connections = CONNECTIONS if each == 1 else 4
        post(
            address,
            key,
            lambda _: content,
            connections=connections,
            seconds=60,
            number=number // each,
        )
        until(all_recorded(target))
        times = {name: (cpu(members) - before[name]) / number for name, members in parts.items()}
        grown = {name: (size - sizes[name]) / number for name, size in stored(target).items()}
        return times | grown


def processes(target: Installation, servers: Servers) -> dict[str, list[psutil.Process]]:
    """Processes by part of the product."""
    children = psutil.Process().children(recursive=True)
    parts = {
        "web": [child for child in children if "gunicorn" in " ".join(child.cmdline())],
        "worker": [child for child in children if "worker.py" in " ".join(child.cmdline())],
    }
    with redis.Redis.from_url(servers.redis) as client:
        parts["Redis"] = [psutil.Process(client.info("server")["process_id"])]
    if target.kind == "PostgreSQL":
        server = psutil.Process(target.scalar("SELECT pg_backend_pid()")).parent()
        assert server is not None
        parts["PostgreSQL"] = [server, *server.children()]
    return parts


def cpu(members: Iterable[psutil.Process]) -> float:
    """Milliseconds."""
    times = [process.cpu_times() for process in members if process.is_running()]
    return sum(time.user + time.system for time in times) * 1000


def stored(target: Installation) -> dict[str, float]:
    """Bytes including indexes, and for PostgreSQL the bytes ever written to the WAL."""
    if target.kind == "SQLite":
        pages, size = target.scalar("PRAGMA page_count"), target.scalar("PRAGMA page_size")
        return {"stored": pages * size}
    size_of = "SELECT pg_total_relation_size('{}')"
    return {
        "stored for the event": target.scalar(size_of.format("events")),
        "stored for the delivery": sum(
            target.scalar(size_of.format(name)) for name in ("deliveries", "due", "attempts")
        ),
        "written to the WAL": float(target.scalar("SELECT pg_current_wal_lsn() - '0/0'")),
    }


def _units() -> dict[str, str]:
    sizes = ("stored", "stored for the event", "stored for the delivery", "written to the WAL")
    units = dict.fromkeys(["web", "worker", "Redis", "PostgreSQL"], "ms")
    units |= dict.fromkeys(sizes, "bytes")
    return {
        f"{kind}, {how}: {name}": unit
        for kind in KINDS
        for how in ("one by one", "in batches")
        for name, unit in units.items()
    }


COSTS = Case(
    "costs",
    "Cost of one event with one delivery, by part",
    run,
    [],
    units=_units(),
    times=1,
    notes=(
        "CPU time of the processes of each part; SQLite runs inside web and worker. 1,000 bytes of"
        " payload, a fast receiver. docs/scale.md uses these figures."
    ),
)
