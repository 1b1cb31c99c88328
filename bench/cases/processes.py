"""Several worker processes on one PostgreSQL."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.common.clock import now_ms
from bench import rows
from bench.figures import Aim, Case, at_least, at_most, ratio
from bench.installation import Installation, Servers, installation
from bench.receiver import Receiver
from bench.workers import came, enrolled, rate, recorded, until, workers

WEBHOOKS, ORGANIZATIONS = 50, 5
# All of them begin together, when the rows are in.
AHEAD_MS = 3_000


@dataclass(frozen=True, slots=True)
class InFlight:
    """kind: of the receiver. number: of deliveries; to the slow one, for each process."""

    kind: str
    name: str
    number: int
    environ: Mapping[str, str]


SLOW = InFlight("after/50", "a receiver that takes 50 ms", 3_000, {"MAX_IN_FLIGHT": "50"})
FAST = InFlight("ok", "a fast receiver", 20_000, {})


def run(servers: Servers) -> dict[str, float]:
    figures = {"sent twice": 0.0, "deadlocks": 0.0}
    with Receiver() as receiver:
        for load in (SLOW, FAST):
            for processes in (1, 4):
                with installation("PostgreSQL", servers) as at:
                    moments, ids = drained(at, receiver, load, processes)
                    figures[f"{processes} to {load.name}"] = rate(moments)
                    figures["sent twice"] += sum(number - 1 for number in ids.values())
                    figures["deadlocks"] += deadlocks(at)
    return figures


def drained(
    at: Installation, receiver: Receiver, load: InFlight, processes: int
) -> tuple[list[float], Counter[bytes]]:
    """When each came, and how often each webhook-id did."""
    urls = [receiver.url(load.kind, n) for n in range(WEBHOOKS // ORGANIZATIONS)]
    organizations = [at.organization(f"Bench {n}") for n in range(ORGANIZATIONS)]
    ids = [webhook_id for one in organizations for webhook_id in at.webhooks(one, urls)]
    number = load.number * (processes if load is SLOW else 1)
    receiver.report()
    with workers(at, processes, **load.environ):
        until(enrolled(at, processes))
        rows.due(at, ids, number, next_at=now_ms() + AHEAD_MS)
        moments, seen = came(receiver, load.kind.partition("/")[0], number)
        until(recorded(at))
    seen.update(receiver.report()["ids"])
    return moments, seen


def deadlocks(at: Installation) -> float:
    found = at.scalar("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    return float(found)


PROCESSES = Case(
    "processes",
    "4 worker processes on PostgreSQL against 1",
    run,
    [
        Aim("sent twice, none", lambda f: f["sent twice"], at_most(0)),
        Aim("deadlocks, none", lambda f: f["deadlocks"], at_most(0)),
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
    notes="One run. Workers, PostgreSQL and the receiver share the cores that there are.",
)
