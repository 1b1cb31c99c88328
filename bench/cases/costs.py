"""What one event costs each part of the product: CPU time, and bytes that are stored."""

from collections.abc import Iterable

import psutil
import redis

from bench.cases.ingest import CONNECTIONS, body, opened
from bench.client import post
from bench.figures import Case
from bench.installation import KINDS, Installation, Servers, installation, payload_of
from bench.receiver import Receiver
from bench.web import web
from bench.workers import enrolled, recorded, until, workers

SINGLE, BATCHED = 4_000, 20_000
EACH = 100


def run(servers: Servers) -> dict[str, float]:
    figures: dict[str, float] = {}
    for kind in KINDS:
        for how, number, each in (("one by one", SINGLE, 1), ("in batches", BATCHED, EACH)):
            with Receiver() as receiver, installation(kind, servers) as at:
                told = spent(at, servers, receiver, number, each)
            figures |= {f"{kind}, {how}: {name}": value for name, value in told.items()}
    return figures


def spent(
    at: Installation, servers: Servers, receiver: Receiver, number: int, each: int
) -> dict[str, float]:
    """For each event, with one delivery: CPU in milliseconds, and bytes."""
    _, key, _ = opened(at, receiver.url("ok", 0))
    given = [payload_of(1000)] * each
    batch = b'{"events":[%b]}' % b",".join(b'{"type":"t.n0","payload":%b}' % one for one in given)
    path, content = ("events", body()) if each == 1 else ("events/batch", batch)
    with web(at) as base, workers(at):
        until(enrolled(at, 1))
        address = f"{base}/api/v1/{path}"
        post(address, key, lambda _: content, connections=4, seconds=5, number=4)
        until(recorded(at))
        parts = processes(at, servers)
        before = {name: cpu(found) for name, found in parts.items()}
        sizes = stored(at)
        connections = CONNECTIONS if each == 1 else 4
        post(
            address,
            key,
            lambda _: content,
            connections=connections,
            seconds=60,
            number=number // each,
        )
        until(recorded(at))
        taken = {name: (cpu(found) - before[name]) / number for name, found in parts.items()}
        more = {name: (size - sizes[name]) / number for name, size in stored(at).items()}
        return taken | more


def processes(at: Installation, servers: Servers) -> dict[str, list[psutil.Process]]:
    """By the part of the product that they are."""
    own = psutil.Process().children(recursive=True)
    found = {
        "web": [one for one in own if "gunicorn" in " ".join(one.cmdline())],
        "worker": [one for one in own if "worker.py" in " ".join(one.cmdline())],
    }
    with redis.Redis.from_url(servers.redis) as client:
        found["Redis"] = [psutil.Process(client.info("server")["process_id"])]
    if at.kind == "PostgreSQL":
        server = psutil.Process(at.scalar("SELECT pg_backend_pid()")).parent()
        assert server is not None
        found["PostgreSQL"] = [server, *server.children()]
    return found


def cpu(found: Iterable[psutil.Process]) -> float:
    """Milliseconds."""
    times = [one.cpu_times() for one in found if one.is_running()]
    return sum(time.user + time.system for time in times) * 1000


def stored(at: Installation) -> dict[str, float]:
    """Bytes, indexes among them; and of PostgreSQL's log, what was ever written."""
    if at.kind == "SQLite":
        pages, size = at.scalar("PRAGMA page_count"), at.scalar("PRAGMA page_size")
        return {"stored": pages * size}
    size_of = "SELECT pg_total_relation_size('{}')"
    return {
        "stored of the event": at.scalar(size_of.format("events")),
        "stored of the delivery": sum(
            at.scalar(size_of.format(name)) for name in ("deliveries", "due", "attempts")
        ),
        "written to the log": float(at.scalar("SELECT pg_current_wal_lsn() - '0/0'")),
    }


def _units() -> dict[str, str]:
    sizes = ("stored", "stored of the event", "stored of the delivery", "written to the log")
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
    "What one event with one delivery costs each part",
    run,
    [],
    units=_units(),
    times=1,
    notes=(
        "CPU time of each part's processes; SQLite's is in those of web and worker. 1,000 bytes of"
        " payload, a fast receiver. docs/scale.md reckons with these."
    ),
)
