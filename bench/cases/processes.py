"""Several worker processes on one PostgreSQL."""

from app.domain.clock import now_ms
from bench import rows
from bench.figures import Aim, Case, at_least, at_most, ratio
from bench.place import Place, Servers, place
from bench.receiver import Receiver
from bench.workers import came, enrolled, rate, recorded, until, workers

WEBHOOKS, ORGANIZATIONS = 50, 5
NUMBER, EACH_SLOW = 20_000, 3_000
# All of them begin together, when the rows are in.
AHEAD_MS = 4_000


def run(servers: Servers) -> dict[str, float]:
    figures = {"sent twice": 0.0, "deadlocks": 0.0}
    with Receiver() as receiver:
        for processes in (1, 4):
            held = {"MAX_IN_FLIGHT": "50"}
            slow, twice = measured(
                servers, receiver, processes, "after/50", EACH_SLOW * processes, held
            )
            fast, more = measured(servers, receiver, processes, "ok", NUMBER, {})
            figures[f"{processes} to a receiver that takes 50 ms"] = slow[0]
            figures[f"{processes} to a fast receiver"] = fast[0]
            figures["sent twice"] += twice + more
            figures["deadlocks"] += slow[1] + fast[1]
    return figures


def measured(  # noqa: PLR0917
    servers: Servers,
    receiver: Receiver,
    processes: int,
    kind: str,
    number: int,
    held: dict[str, str],
) -> tuple[tuple[float, float], int]:
    """(deliveries a second, deadlocks), and how many requests came more than once."""
    with place("PostgreSQL", servers) as at:
        ids = [
            webhook_id
            for n in range(ORGANIZATIONS)
            for webhook_id in at.webhooks(
                at.organization(f"Bench {n}"), [receiver.url(kind, n)] * (WEBHOOKS // ORGANIZATIONS)
            )
        ]
        receiver.report()
        with workers(at, processes, **held):
            until(enrolled(at, processes))
            rows.due(at, ids, number, next_at=now_ms() + AHEAD_MS)
            moments, seen = came(receiver, kind.partition("/")[0], number)
            until(recorded(at))
        seen.update(receiver.report()["ids"])
        return (rate(moments), deadlocks(at)), sum(n - 1 for n in seen.values())


def deadlocks(at: Place) -> float:
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
