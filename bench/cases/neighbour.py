"""One dead webhook with a large backlog next to healthy ones."""

import contextlib
import statistics
import time
from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from app.domain.common.clock import now_ms
from app.engine.due_queue.connection import kept_connection
from app.engine.due_queue.postgresql import _CLAIM, _READY, Postgresql
from app.engine.due_queue.sqlite import _FREE, Sqlite
from app.engine.due_queue.sqlite import _READY as _SQLITE_READY
from app.runtime.write_lock import write_lock_for
from app.store.kept import KeptConnection
from bench import rows
from bench.appendix import TEXTS
from bench.figures import Aim, Case, at_most, percentile, ratio
from bench.installation import KINDS, Installation, Servers, installation
from bench.receiver import Receiver
from bench.workers import collect_requests, registered, until, workers

HEALTHY, EACH = 20, 250
FEW, MANY = 1_000, 100_000
# Nothing listens on this port.
CLOSED = "http://127.0.0.1:9/"
_ROUNDS, _QUOTA = 15, 10


def run(servers: Servers) -> dict[str, float]:
    figures: dict[str, float] = {}
    with Receiver() as receiver:
        for kind in KINDS:
            with installation(kind, servers) as target:
                filled(target, receiver)
                figures[f"{kind} p99 without"] = p99(target, receiver)
            with installation(kind, servers) as target:
                ids, dead = filled(target, receiver)
                for number, more in ((FEW, FEW), (MANY, MANY - FEW)):
                    first = HEALTHY * EACH + number
                    rows.due(target, [dead], more, first=first, events=more // 10)
                    target.analyze()
                    claim, ready = costs(target, [*ids, dead])
                    figures[f"{kind} claim, {number:,} dead"] = claim
                    figures[f"{kind} list of webhooks, {number:,} dead"] = ready
                TEXTS[f"Query plans of the claim with {MANY:,} dead, {kind}"] = plans(
                    target, [*ids, dead]
                )
                figures[f"{kind} p99 with"] = p99(target, receiver)
    return figures


def filled(target: Installation, receiver: Receiver) -> tuple[list[str], str]:
    organization_id = target.organization()
    ids = target.webhooks(organization_id, [receiver.url("ok", n) for n in range(HEALTHY)])
    dead = target.webhooks(organization_id, [CLOSED], first=HEALTHY)[0]
    rows.due(target, ids, HEALTHY * EACH)
    target.analyze()
    return ids, dead


def p99(target: Installation, receiver: Receiver) -> float:
    """p99 in milliseconds from the worker's registration to the healthy requests."""
    receiver.report()
    with workers(target):
        began = until(registered(target, 1), step=0.005)
        moments, _ = collect_requests(receiver, "ok", HEALTHY * EACH)
    return percentile([(moment - began) * 1000 for moment in moments], 0.99)


class _Rollback(Exception):
    """Rolls the transaction back."""


def costs(target: Installation, webhook_ids: Sequence[str]) -> tuple[float, float]:
    """Milliseconds of a claim from each webhook, and of listing webhooks with work."""
    due_queue = Sqlite() if target.settings.is_sqlite else Postgresql()
    quotas = [(webhook_id, _QUOTA) for webhook_id in webhook_ids]
    kept = kept_connection(target.settings, write_lock_for(target.settings))
    try:
        claim = _median(kept, lambda connection: due_queue.claim(connection, 1, quotas, now_ms()))
        return claim, _median(kept, due_queue.ready)
    finally:
        kept.close()


def _median(kept: KeptConnection, work: Callable[[Connection], object]) -> float:
    times = []
    for _ in range(_ROUNDS):
        with contextlib.suppress(_Rollback), kept.write_transaction() as connection:
            before = time.perf_counter()
            work(connection)
            times.append((time.perf_counter() - before) * 1000)
            raise _Rollback
    return statistics.median(times)


def plans(target: Installation, webhook_ids: Sequence[str]) -> str:
    """Query plans of the claim and of listing webhooks with work."""
    kept = kept_connection(target.settings, write_lock_for(target.settings))
    plan: list[str] = []
    if target.settings.is_sqlite:
        statements = ((_FREE, (webhook_ids[-1], now_ms(), _QUOTA)), (_SQLITE_READY, ()))
        head, column = "EXPLAIN QUERY PLAN ", 3
    else:
        numbers = [_QUOTA] * len(webhook_ids)
        statements = ((_CLAIM, (1, list(webhook_ids), numbers, now_ms())), (_READY, ()))
        head, column = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS OFF) ", 0
    with contextlib.suppress(_Rollback), kept.write_transaction() as connection:
        for statement, values in statements:
            explained = connection.exec_driver_sql(head + statement, values)
            plan += [statement.strip(), "", *(str(row[column]) for row in explained), ""]
        raise _Rollback
    kept.close()
    return "\n".join(plan).rstrip()


def _aims(kind: str) -> list[Aim]:
    aims = [
        Aim(
            f"{kind}: healthy p99 with to alone, at most 2",
            ratio(f"{kind} p99 with", f"{kind} p99 without"),
            at_most(2),
        )
    ]
    for what in ("claim", "list of webhooks"):
        many, few = (f"{kind} {what}, {number:,} dead" for number in (MANY, FEW))
        text = f"{kind}: {what} with {MANY:,} to {FEW:,} dead, at most 1.5"
        aims.append(Aim(text, ratio(many, few), at_most(1.5)))
    return aims


NEIGHBOUR = Case(
    "neighbour",
    f"1 dead webhook with {MANY:,} due deliveries, {HEALTHY} healthy ones with {EACH} each",
    run,
    [aim for kind in KINDS for aim in _aims(kind)],
    units={
        f"{kind} {what}": "ms"
        for kind in KINDS
        for what in (
            "p99 without",
            "p99 with",
            *(f"{what}, {n:,} dead" for what in ("claim", "list of webhooks") for n in (FEW, MANY)),
        )
    },
    notes=(
        "The dead one refuses connections. The claim takes 10 of each of the 21 webhooks and is"
        f" rolled back: the median of {_ROUNDS}. Its query plan is below."
    ),
)
