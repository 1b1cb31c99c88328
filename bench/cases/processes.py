"""Several worker processes on one PostgreSQL."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.common.clock import now_ms
from bench import rows
from bench.figures import Aim, Case, at_least, at_most, ratio
from bench.installation import Installation, Servers, installation
from bench.receiver import Receiver
from bench.workers import all_recorded, collect_requests, rate, registered, until, workers

WEBHOOKS, ORGANIZATIONS = 50, 5
# They all become due together, after the rows are inserted.
AHEAD_MS = 3_000


@dataclass(frozen=True, slots=True)
class Workload:
    """kind: of the receiver. number: deliveries, for the slow receiver per process."""

    kind: str
    name: str
    number: int
    environ: Mapping[str, str]


SLOW = Workload("after/50", "a receiver that takes 50 ms", 3_000, {"MAX_IN_FLIGHT": "50"})
FAST = Workload("ok", "a fast receiver", 20_000, {})


def run(servers: Servers) -> dict[str, float]:
    figures = {"sent twice": 0.0, "deadlocks": 0.0}
    with Receiver() as receiver:
        for workload in (SLOW, FAST):
            for processes in (1, 4):
                with installation("PostgreSQL", servers) as target:
                    moments, ids = drained(target, receiver, workload, processes)
                    figures[f"{processes} to {workload.name}"] = rate(moments)
                    figures["sent twice"] += sum(number - 1 for number in ids.values())
                    figures["deadlocks"] += deadlocks(target)
    return figures


def drained(
    target: Installation, receiver: Receiver, workload: Workload, processes: int
) -> tuple[list[float], Counter[bytes]]:
    """Times of the requests, and the number of requests by webhook-id."""
    urls = [receiver.url(workload.kind, n) for n in range(WEBHOOKS // ORGANIZATIONS)]
    organizations = [target.organization(f"Bench {n}") for n in range(ORGANIZATIONS)]
    ids = [
        webhook_id
        for organization_id in organizations
        for webhook_id in target.webhooks(organization_id, urls)
    ]
    number = workload.number * (processes if workload is SLOW else 1)
    receiver.report()
    with workers(target, processes, **workload.environ):
        until(registered(target, processes))
        rows.due(target, ids, number, next_at=now_ms() + AHEAD_MS)
        moments, seen = collect_requests(receiver, workload.kind.partition("/")[0], number)
        until(all_recorded(target))
    seen.update(receiver.report()["ids"])
    return moments, seen


def deadlocks(target: Installation) -> float:
    count = target.scalar(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    return float(count)


PROCESSES = Case(
    "processes",
    "4 worker processes on PostgreSQL compared with 1",
    run,
    [
        Aim("sent twice: 0", lambda f: f["sent twice"], at_most(0)),
        Aim("deadlocks: 0", lambda f: f["deadlocks"], at_most(0)),
        Aim(
            "4 to 1, fast receiver, at least 1",
            ratio("4 to a fast receiver", "1 to a fast receiver"),
            at_least(1),
        ),
        Aim(
            "4 to 1, 50 in flight each, a receiver that takes 50 ms, at least 3",
            ratio("4 to a receiver that takes 50 ms", "1 to a receiver that takes 50 ms"),
            at_least(3),
        ),
    ],
    units={
        f"{n} to a {what}": "deliveries/s"
        for n in (1, 4)
        for what in ("fast receiver", "receiver that takes 50 ms")
    },
    times=1,
    notes="One run. Workers, PostgreSQL and the receiver share the cores of one machine.",
)
