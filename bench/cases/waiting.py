"""New events for a healthy webhook, and pages, while many deliveries wait for hanging receivers."""

import threading
from collections.abc import Sequence

from bench.checkouts import HERE
from bench.figures import Aim, Case, at_most, percentile
from bench.installation import KINDS, Servers
from bench.pages import Reader
from bench.producer import BATCH, Load
from bench.product import Product, product
from bench.receiver import Receiver
from bench.workers import until

WAITING, HANGING = 100_000, 10
# Until the worker's periodic tasks have run once, and SQLite's page cache (16 MB) is full.
WARM_SECONDS = 15.0
RATE, SECONDS = 50, 20.0
READS = 20
PAGES = (
    "/", "/deliveries", "/deliveries?state=pending", "/deliveries?webhook_id={webhook}", "/events",
    "/webhooks", "/webhooks/{webhook}", "/issues", "/api/v1/deliveries?limit=100",
)  # fmt: skip
MIB = 1 << 20


def run(servers: Servers) -> dict[str, float]:
    figures: dict[str, float] = {}
    for kind in KINDS:
        with Receiver() as receiver, product(HERE, kind, servers) as running, running.web():
            measured = beside_backlog(running, receiver)
        figures |= {f"{kind} {name}": value for name, value in measured.items()}
    return figures


def beside_backlog(running: Product, receiver: Receiver) -> dict[str, float]:
    organization_id, other_id = running.organization(), running.organization()
    running.webhook(organization_id, receiver.url("ok", 0), "t.n0")
    waiting = [
        running.webhook(other_id, receiver.url("hang", n), f"t.w{n}") for n in range(HANGING)
    ]
    Load(running, other_id).batches(WAITING // BATCH, lambda n: f"t.w{n % HANGING}")
    running.analyze()
    load = Load(running, organization_id)
    with running.workers():
        # The hanging ones are in flight, and the healthy one has responded once.
        before = load.paced(RATE, WARM_SECONDS)
        until(lambda: receiver.count() >= before)
        [worker] = running.processes("worker")
        receiver.report()
        rss = worker.memory_info().rss
        pages: list[float] = []
        reading = threading.Thread(target=_read, args=(running, other_id, waiting[0], pages))
        reading.start()
        number = load.paced(RATE, SECONDS)
        reading.join()
        until(lambda: receiver.count() >= number)
        latencies = [ms for *_, ms in receiver.report()["responded"] if ms is not None]
        grown = (worker.memory_info().rss - rss) / MIB
    left = running.scalar("SELECT count(*) FROM due")
    assert left > WAITING * 0.9, f"only {left} still wait"
    return {
        "new events, p50": percentile(latencies, 0.5),
        "new events, p99": percentile(latencies, 0.99),
        "pages, p95": percentile(pages, 0.95),
        "worker's memory, growth": grown,
    }


def _read(running: Product, organization_id: str, webhook_id: str, times: list[float]) -> None:
    """Each page of the organization whose deliveries wait, in turn."""
    reader = Reader(running.settings, organization_id)
    for page in PAGES:
        # The first read fills caches.
        reader.milliseconds(page.format(webhook=webhook_id))
    for _ in range(READS):
        times += [reader.milliseconds(page.format(webhook=webhook_id)) for page in PAGES]


def _aims(kind: str) -> Sequence[Aim]:
    limits = (
        ("new events, p99", 2000, "ms"),
        ("pages, p95", 200, "ms"),
        ("worker's memory, growth", 10, "MB"),
    )
    return [
        Aim(
            f"{kind}: {name}, at most {limit:,} {unit}",
            lambda figures, name=f"{kind} {name}": figures[name],
            at_most(limit),
            unit,
        )
        for name, limit, unit in limits
    ]


BESIDE_BACKLOG = Case(
    "waiting",
    f"{WAITING:,} deliveries wait for {HANGING} hanging receivers; one web process, one worker",
    run,
    [aim for kind in KINDS for aim in _aims(kind)],
    units={
        f"{kind} {name}": unit
        for kind in KINDS
        for name, unit in (
            ("new events, p50", "ms"),
            ("new events, p99", "ms"),
            ("pages, p95", "ms"),
            ("worker's memory, growth", "MB"),
        )
    },
    times=1,
    notes=(
        f"Meanwhile {RATE} events a second for a healthy webhook of another organization, for"
        f" {SECONDS:g} s: from the moment at which each was to be posted to the receiver's request."
        f" The worker's memory is compared with that after {WARM_SECONDS:g} s."
        f" {len(PAGES)} pages of the organization whose deliveries wait, {READS} times each."
    ),
)
