"""Single events at every rate, batches, and a backlog: rate, latency, CPU and bytes per event.

Runs on any release, so that two can be compared in one run.
"""

import time
from collections.abc import Iterable, Mapping

from bench.checkouts import HERE, Checkout
from bench.figures import Aim, Case, at_least, cheaper, faster, percentile, ratio, within
from bench.installation import KINDS, Servers
from bench.producer import BATCH, CONNECTIONS, Load
from bench.product import Product, product
from bench.receiver import Receiver
from bench.workers import until

FLOOD_SECONDS, STEADY_SECONDS = 6.0, 10.0
RATES = (10, 100, 400)
BATCHES = 200
BACKLOG, WEBHOOKS = 20_000, 50
TWO = "PostgreSQL, 2 web 2 workers"

Figure = tuple[str, float]
Figures = dict[str, float]


def everyday(servers: Servers, checkout: Checkout = HERE) -> Figures:
    figures: Figures = {}
    for kind in KINDS:
        for part in (flood, steady, batches):
            with Receiver() as receiver, product(checkout, kind, servers) as running:
                figures |= {f"{kind}, {name}": value for name, value in part(running, receiver)}
    for part in (flood, batches):
        with Receiver() as receiver, product(checkout, "PostgreSQL", servers) as running:
            two = part(running, receiver, processes=2)
            figures |= {f"{TWO}, {name}": value for name, value in two}
    return figures


def backlog(servers: Servers, checkout: Checkout = HERE) -> Figures:
    figures: Figures = {}
    for kind in KINDS:
        with Receiver() as receiver, product(checkout, kind, servers) as running:
            figures |= {f"{kind}, {name}": value for name, value in drained(running, receiver)}
    return figures


def accepted(servers: Servers, checkout: Checkout = HERE) -> Figures:
    """One by one without a worker: what the web process alone costs."""
    figures: Figures = {}
    for kind in KINDS:
        with product(checkout, kind, servers) as running, running.web():
            organization_id = running.organization()
            running.webhook(organization_id, "http://127.0.0.1:9/", "t.n0")
            load = Load(running, organization_id)
            load.flood(0.5)
            before = running.cpu()
            number, seconds = load.flood(FLOOD_SECONDS)
            figures[f"{kind}, rate"] = number / seconds
            spent = per_event(before, running.cpu(), number)
            figures |= {f"{kind}, {name}": value for name, value in spent.items()}
    return figures


def flood(running: Product, receiver: Receiver, processes: int = 1) -> Iterable[Figure]:
    with running.web(processes):
        load = prepared(running, receiver)
        with running.workers(processes):
            load.flood(0.5)
            settle(running)
            receiver.report()
            before, written, began = running.cpu(), running.bytes(), time.monotonic()
            number, seconds = load.flood(FLOOD_SECONDS)
            until(lambda: receiver.count() >= number)
            last = max(moment for moment, *_ in receiver.report()["responded"])
            settle(running)
            yield "flood accepted", number / seconds
            yield "flood delivered", number / (last - began)
            yield from named("flood", per_event(before, running.cpu(), number))
            for name, size in running.bytes().items():
                yield f"flood {name}", (size - written[name]) / number


def steady(running: Product, receiver: Receiver) -> Iterable[Figure]:
    with running.web():
        load = prepared(running, receiver)
        with running.workers():
            load.paced(100, 1.0)
            settle(running)
            idle = running.idle_cpu()
            for rate in RATES:
                receiver.report()
                before, began = running.cpu(), time.monotonic()
                number = load.paced(rate, STEADY_SECONDS)
                until(lambda: receiver.count() >= number)  # noqa: B023 -- run within the loop
                settle(running)
                spent = per_event(before, running.cpu(), number)
                latencies = [ms for *_, ms in receiver.report()["responded"] if ms is not None]
                yield f"{rate}/s p50", percentile(latencies, 0.5)
                yield f"{rate}/s p99", percentile(latencies, 0.99)
                yield from named(f"{rate}/s", spent)
                if rate == RATES[0]:
                    without = idle * (time.monotonic() - began) / number
                    yield f"{rate}/s CPU above idle", spent["CPU"] - without


def batches(running: Product, receiver: Receiver, processes: int = 1) -> Iterable[Figure]:
    with running.web(processes):
        load = prepared(running, receiver)
        with running.workers(processes):
            load.batches(2)
            settle(running)
            receiver.report()
            before, began = running.cpu(), time.monotonic()
            seconds = load.batches(BATCHES)
            number = BATCHES * BATCH
            until(lambda: receiver.count() >= number)
            last = max(moment for moment, *_ in receiver.report()["responded"])
            settle(running)
            yield "batches accepted", number / seconds
            yield "batches delivered", number / (last - began)
            yield from named("batches", per_event(before, running.cpu(), number))


def drained(running: Product, receiver: Receiver) -> Iterable[Figure]:
    """A backlog for many webhooks that waits when the worker starts."""
    with running.web():
        organization_id = running.organization()
        for n in range(WEBHOOKS):
            running.webhook(organization_id, receiver.url("ok", n), f"t.n{n}")
        Load(running, organization_id).batches(BACKLOG // BATCH, lambda n: f"t.n{n % WEBHOOKS}")
    running.analyze()
    receiver.report()
    with running.workers():
        # Starting costs about a second of CPU, which is not the deliveries'.
        until(lambda: receiver.count() > 0, step=0.002)
        first, before = receiver.count(), running.cpu()
        until(lambda: receiver.count() >= BACKLOG)
        settle(running)
        after = running.cpu()
        moments = [moment for moment, *_ in receiver.report()["responded"]]
        yield "drained", BACKLOG / (max(moments) - min(moments))
        yield from per_event(before, after, BACKLOG - first).items()


def prepared(running: Product, receiver: Receiver) -> Load:
    organization_id = running.organization()
    running.webhook(organization_id, receiver.url("ok", 0), "t.n0")
    return Load(running, organization_id)


def settle(running: Product) -> None:
    """Wait until everything is recorded."""
    until(lambda: not running.scalar("SELECT count(*) FROM due"))


def per_event(before: Figures, after: Figures, number: int) -> Figures:
    """Milliseconds of CPU per event by part, and of all."""
    parts = {f"CPU {name}": (after[name] - before[name]) / number * 1000 for name in after}
    return parts | {"CPU": sum(parts.values())}


def named(prefix: str, figures: Figures) -> Iterable[Figure]:
    return ((f"{prefix} {name}", value) for name, value in figures.items())


def on_own_cores(figures: Mapping[str, float]) -> float:
    """How much faster two web processes and two workers would be than one of each, if each had a
    core of its own: the busier of the two kinds sets the rate."""
    single, double = (
        max(figures[f"{prefix}, flood CPU {part}"] for part in ("web", "worker"))
        for prefix in ("PostgreSQL", TWO)
    )
    return 2 * single / double


EVERYDAY = Case(
    "everyday",
    f"Single events: a flood by {CONNECTIONS} connections, and steady rates; batches of {BATCH}",
    everyday,
    [
        within(f"{kind}, {rate}/s {part}", most)
        for kind in KINDS
        for rate, part, most in (
            (100, "p50", 2.5),
            (100, "p99", 7),
            (400, "p50", 4),
            (400, "p99", 20),
        )
    ]
    + [
        Aim(
            "PostgreSQL: 2 web 2 workers to 1 and 1, flood delivered, at least 1",
            ratio(f"{TWO}, flood delivered", "PostgreSQL, flood delivered"),
            at_least(1),
        ),
        Aim(
            "PostgreSQL: the same, each on its own core (reckoned from CPU), at least 1.6",
            on_own_cores,
            at_least(1.6),
        ),
        Aim(
            "PostgreSQL: 2 web 2 workers, batches delivered to accepted, at least 0.95",
            ratio(f"{TWO}, batches delivered", f"{TWO}, batches accepted"),
            at_least(0.95),
        ),
        *(within(f"{kind}, 10/s CPU above idle", 3) for kind in KINDS),
    ],
    notes=(
        "One web process and one worker, but for the last; events of 1 KB with one delivery each;"
        " milliseconds of CPU per event. A latency runs from the moment at which the event was to"
        " be posted to the receiver's request. Latencies are meant for a quiet machine."
    ),
    times=1,
    measure=everyday,
    against=[
        *(faster(f"{kind}, flood delivered", 3) for kind in KINDS),
        cheaper("SQLite, flood CPU", 0.33),
        cheaper("PostgreSQL, flood CPU", 0.4),
        *(cheaper(f"{kind}, 100/s CPU", 0.25) for kind in KINDS),
        *(cheaper(f"{kind}, 100/s {part}", 0.25) for kind in KINDS for part in ("p50", "p99")),
        *(cheaper(f"{kind}, 400/s CPU", 0.33) for kind in KINDS),
        *(faster(f"{kind}, batches delivered", 2) for kind in KINDS),
        *(cheaper(f"{kind}, flood disk", 0.6) for kind in KINDS),
        cheaper("PostgreSQL, flood WAL", 0.6),
    ],
)
BACKLOGGED = Case(
    "backlog",
    f"A backlog of {BACKLOG:,} events for {WEBHOOKS} webhooks, posted through the API; 1 worker",
    backlog,
    [within("SQLite, CPU", 0.07), within("PostgreSQL, CPU", 0.1)],
    notes="Rate and milliseconds of CPU per delivery, from the first request on.",
    measure=backlog,
    against=[faster(f"{kind}, drained", 1) for kind in KINDS],
)
ACCEPTED = Case(
    "accepted",
    f"Single events by {CONNECTIONS} connections, one web process, no worker",
    accepted,
    [],
    notes="Rate and milliseconds of CPU per event.",
    measure=accepted,
    against=[faster(f"{kind}, rate", 1) for kind in KINDS],
)
