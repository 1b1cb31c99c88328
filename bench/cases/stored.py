"""A million stored deliveries compared with ten thousand: pages and delivery rate."""

import statistics
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from bench import rows
from bench.appendix import TEXTS
from bench.figures import Aim, Case, at_least, at_most, percentile, ratio
from bench.installation import KINDS, Installation, Servers, installation
from bench.pages import INDEXED, LISTS, SEARCHED, Reader, names
from bench.receiver import Receiver
from bench.workers import all_recorded, collect_requests, rate, until, workers

FEW, MANY = 10_000, 1_000_000
WEBHOOKS, DRAINED = 10, 10_000
ROUNDS, READS = 3, 7


@dataclass(slots=True)
class Store:
    """An installation with `number` stored deliveries."""

    target: Installation
    number: int
    webhook_ids: Sequence[str]
    reader: Reader
    names: dict[str, str]
    drained: int = 0


def run(servers: Servers) -> dict[str, float]:
    figures: dict[str, float] = {}
    with Receiver() as receiver, ExitStack() as stack, ThreadPoolExecutor(len(KINDS)) as pool:
        # In parallel: SQLite computes in this process, PostgreSQL in its own.
        futures = {
            kind: [
                pool.submit(
                    filled, stack.enter_context(installation(kind, servers)), receiver, number
                )
                for number in (FEW, MANY)
            ]
            for kind in KINDS
        }
        for kind in KINDS:
            few, many = (future.result() for future in futures[kind])
            figures |= {
                f"{kind} {name}": value for name, value in read_pages(kind, few, many).items()
            }
            for store in (few, many):
                drained = statistics.median(drain(store, receiver) for _ in range(ROUNDS))
                figures[f"{kind} drain, {store.number:,} stored"] = drained
    return figures


def filled(target: Installation, receiver: Receiver, number: int) -> Store:
    organization_id = target.organization()
    ids = target.webhooks(organization_id, [receiver.url("ok", n) for n in range(WEBHOOKS)])
    rows.stored(target, ids, number)
    return Store(target, number, ids, Reader(target.settings, organization_id), names(target))


def read_pages(kind: str, few: Store, many: Store) -> dict[str, float]:
    """Read each page from both in turn, so that other load on the machine affects both."""
    times_by_page: dict[str, tuple[list[float], list[float]]] = {
        page: ([], []) for page in (*INDEXED, *SEARCHED)
    }
    for round_ in range(ROUNDS):
        for page, times in times_by_page.items():
            for read in range(READS + (round_ == 0)):
                for store, durations in zip((few, many), times, strict=True):
                    elapsed = store.reader.milliseconds(page.format(**store.names))
                    # The first read fills caches.
                    if read or round_:
                        durations.append(elapsed)
    title = f"Pages, {kind}: ms with {FEW:,} stored, with {MANY:,}, p95 of that, and the growth"
    ordered = sorted(times_by_page.items(), key=lambda each: -growth(*each[1]))
    TEXTS[title] = "\n".join(table_row(page, *times) for page, times in ordered)
    return page_figures(times_by_page)


def page_figures(times_by_page: dict[str, tuple[list[float], list[float]]]) -> dict[str, float]:
    ratios = [growth(*times_by_page[page]) for page in INDEXED]
    return {
        "indexed pages, max growth": max(ratios),
        "indexed pages, median growth": statistics.median(ratios),
        "indexed pages, p95 of the slowest": max(p95(times_by_page[page][1]) for page in INDEXED),
        "searched pages, p95 of the slowest": max(p95(times_by_page[page][1]) for page in SEARCHED),
        # Each counts the deliveries of each state, too.
        "lists of deliveries with their state counts, p95 of the slowest": max(
            p95(times[1]) for page, times in times_by_page.items() if page in LISTS
        ),
        "all pages, p95": p95([elapsed for _, many in times_by_page.values() for elapsed in many]),
    }


def p95(times: Sequence[float]) -> float:
    return percentile(times, 0.95)


def growth(few: Sequence[float], many: Sequence[float]) -> float:
    return statistics.median(many) / statistics.median(few)


def table_row(page: str, few: Sequence[float], many: Sequence[float]) -> str:
    figures = (statistics.median(few), statistics.median(many), p95(many), growth(few, many))
    return " ".join(f"{value:8.2f}" for value in figures) + f"  {page}"


def drain(store: Store, receiver: Receiver) -> float:
    """Deliveries per second."""
    first = store.number + store.drained
    rows.due(store.target, store.webhook_ids, DRAINED, first=first)
    store.drained += DRAINED
    receiver.report()
    with workers(store.target):
        moments, _ = collect_requests(receiver, "ok", DRAINED)
        until(all_recorded(store.target))
    return rate(moments)


def _aims(kind: str) -> list[Aim]:
    drains = [f"{kind} drain, {number:,} stored" for number in (MANY, FEW)]
    limits = [
        ("indexed pages, max growth", 1.5, "x"),
        ("searched pages, p95 of the slowest", 100, "ms"),
        ("lists of deliveries with their state counts, p95 of the slowest", 100, "ms"),
        ("all pages, p95", 100, "ms"),
    ]
    aims = [
        Aim(
            f"{kind}: {name}, at most {limit} {unit}",
            lambda figures, name=f"{kind} {name}": figures[name],
            at_most(limit),
            unit,
        )
        for name, limit, unit in limits
    ]
    text = f"{kind}: drain with {MANY:,} to {FEW:,}, at least 0.9"
    return [*aims, Aim(text, ratio(*drains), at_least(0.9))]


def _units(kind: str) -> dict[str, str]:
    drains = {f"{kind} drain, {number:,} stored": "deliveries/s" for number in (FEW, MANY)}
    times = (
        "indexed pages, p95 of the slowest",
        "searched pages, p95 of the slowest",
        "lists of deliveries with their state counts, p95 of the slowest",
        "all pages, p95",
    )
    grew = ("indexed pages, max growth", "indexed pages, median growth")
    return drains | {f"{kind} {name}": "ms" for name in times} | {f"{kind} {n}": "x" for n in grew}


STORED = Case(
    "stored",
    f"{MANY:,} stored deliveries compared with {FEW:,}",
    run,
    [aim for kind in KINDS for aim in _aims(kind)],
    units=_units("SQLite") | _units("PostgreSQL"),
    times=1,
    notes=(
        f"Filled once; {ROUNDS} rounds of {READS} reads of each page and {DRAINED:,} deliveries."
        f" {len(INDEXED)} pages are served from an index, {len(SEARCHED)} by a search, which"
        " examines rows for 30 ms, or 50 ms from a cursor on, and continues with a cursor."
        " Each page is below."
    ),
)
