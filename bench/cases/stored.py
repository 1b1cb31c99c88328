"""A million deliveries stored against ten thousand: what people look at, and the drain."""

import statistics
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from bench import rows
from bench.appendix import TEXTS
from bench.figures import Aim, Case, at_least, at_most, percentile, ratio
from bench.installation import KINDS, Installation, Servers, installation
from bench.pages import SEARCHED, SERVED, Reader, names
from bench.receiver import Receiver
from bench.workers import came, rate, recorded, until, workers

FEW, MANY = 10_000, 1_000_000
WEBHOOKS, DRAINED = 10, 10_000
ROUNDS, LOOKS = 3, 7


@dataclass(slots=True)
class Store:
    """A place with so many deliveries stored."""

    at: Installation
    number: int
    webhook_ids: Sequence[str]
    reader: Reader
    names: dict[str, str]
    drained: int = 0


def run(servers: Servers) -> dict[str, float]:
    figures: dict[str, float] = {}
    with Receiver() as receiver, ExitStack() as stack, ThreadPoolExecutor(len(KINDS)) as pool:
        # Side by side: one of the databases computes here, the other in its own process.
        made = {
            kind: [
                pool.submit(
                    filled, stack.enter_context(installation(kind, servers)), receiver, number
                )
                for number in (FEW, MANY)
            ]
            for kind in KINDS
        }
        for kind in KINDS:
            few, many = (one.result() for one in made[kind])
            figures |= {f"{kind} {name}": value for name, value in looked(kind, few, many).items()}
            for store in (few, many):
                drained = statistics.median(drain(store, receiver) for _ in range(ROUNDS))
                figures[f"{kind} drain, {store.number:,} stored"] = drained
    return figures


def filled(at: Installation, receiver: Receiver, number: int) -> Store:
    organization_id = at.organization()
    ids = at.webhooks(organization_id, [receiver.url("ok", n) for n in range(WEBHOOKS)])
    rows.stored(at, ids, number)
    return Store(at, number, ids, Reader(at, organization_id), names(at))


def looked(kind: str, few: Store, many: Store) -> dict[str, float]:
    """Each page in turn of the one and of the other, so that whatever else goes on meets both."""
    taken: dict[str, tuple[list[float], list[float]]] = {
        page: ([], []) for page in (*SERVED, *SEARCHED)
    }
    for round_ in range(ROUNDS):
        for page, times in taken.items():
            for look in range(LOOKS + (round_ == 0)):
                for store, found in zip((few, many), times, strict=True):
                    took = store.reader.milliseconds(page.format(**store.names))
                    # The very first one fills caches.
                    if look or round_:
                        found.append(took)
    title = f"Pages, {kind}: ms with {FEW:,} stored, with {MANY:,}, p95 of that, and the growth"
    ordered = sorted(taken.items(), key=lambda each: -grown(*each[1]))
    TEXTS[title] = "\n".join(line(page, *times) for page, times in ordered)
    return told(taken)


def told(taken: dict[str, tuple[list[float], list[float]]]) -> dict[str, float]:
    ratios = [grown(*taken[page]) for page in SERVED]
    return {
        "served pages, the most that one grew": max(ratios),
        "served pages, median growth": statistics.median(ratios),
        "served pages, p95 of the slowest": max(p95(taken[page][1]) for page in SERVED),
        "searched pages, p95 of the slowest": max(p95(taken[page][1]) for page in SEARCHED),
        "all pages, p95": p95([took for _, many in taken.values() for took in many]),
    }


def p95(times: Sequence[float]) -> float:
    return percentile(times, 0.95)


def grown(few: Sequence[float], many: Sequence[float]) -> float:
    return statistics.median(many) / statistics.median(few)


def line(page: str, few: Sequence[float], many: Sequence[float]) -> str:
    figures = (statistics.median(few), statistics.median(many), p95(many), grown(few, many))
    return " ".join(f"{value:8.2f}" for value in figures) + f"  {page}"


def drain(store: Store, receiver: Receiver) -> float:
    """Deliveries a second."""
    first = store.number + store.drained
    rows.due(store.at, store.webhook_ids, DRAINED, first=first)
    store.drained += DRAINED
    receiver.report()
    with workers(store.at):
        moments, _ = came(receiver, "ok", DRAINED)
        until(recorded(store.at))
    return rate(moments)


def _aims(kind: str) -> list[Aim]:
    drains = [f"{kind} drain, {number:,} stored" for number in (MANY, FEW)]
    own = [
        ("served pages, the most that one grew", 1.5, "x"),
        ("searched pages, p95 of the slowest", 100, "ms"),
        ("all pages, p95", 100, "ms"),
    ]
    aims = [
        Aim(
            f"{kind}: {name}, at most {most} {unit}",
            lambda figures, name=f"{kind} {name}": figures[name],
            at_most(most),
            unit,
        )
        for name, most, unit in own
    ]
    text = f"{kind}: drain with {MANY:,} to {FEW:,}, at least 0.9"
    return [*aims, Aim(text, ratio(*drains), at_least(0.9))]


def _units(kind: str) -> dict[str, str]:
    drains = {f"{kind} drain, {number:,} stored": "deliveries/s" for number in (FEW, MANY)}
    times = (
        "served pages, p95 of the slowest",
        "searched pages, p95 of the slowest",
        "all pages, p95",
    )
    grew = ("served pages, the most that one grew", "served pages, median growth")
    return drains | {f"{kind} {name}": "ms" for name in times} | {f"{kind} {n}": "x" for n in grew}


STORED = Case(
    "stored",
    f"{MANY:,} deliveries stored against {FEW:,}",
    run,
    [aim for kind in KINDS for aim in _aims(kind)],
    units=_units("SQLite") | _units("PostgreSQL"),
    times=1,
    notes=(
        f"Filled once; {ROUNDS} rounds of {LOOKS} looks at each page and of {DRAINED:,} drained."
        f" {len(SERVED)} pages that an index serves, {len(SEARCHED)} that are searched: those"
        " examine 5,000 rows at most, or 1,000 payloads, and go on by a cursor. Below stands each."
    ),
)
