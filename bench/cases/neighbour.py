"""One webhook that is dead, with a great backlog, beside others that are well."""

import contextlib
import statistics
import time
from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from app.domain.common.clock import now_ms
from app.engine.due_queue.connection import Store
from app.engine.due_queue.postgresql import _CLAIM, _READY, Postgresql
from app.engine.due_queue.sqlite import _FREE, Sqlite
from app.engine.due_queue.sqlite import _READY as _SQLITE_READY
from app.runtime.write_lock import write_lock_for
from bench import rows
from bench.appendix import TEXTS
from bench.figures import Aim, Case, at_most, percentile, ratio
from bench.installation import KINDS, Installation, Servers, installation
from bench.receiver import Receiver
from bench.workers import came, enrolled, until, workers

HEALTHY, EACH = 20, 250
FEW, MANY = 1_000, 100_000
# Nobody listens there.
CLOSED = "http://127.0.0.1:9/"
_ROUNDS, _QUOTA = 15, 10


def run(servers: Servers) -> dict[str, float]:
    figures: dict[str, float] = {}
    with Receiver() as receiver:
        for kind in KINDS:
            with installation(kind, servers) as at:
                filled(at, receiver)
                figures[f"{kind} p99 alone"] = p99(at, receiver)
            with installation(kind, servers) as at:
                ids, dead = filled(at, receiver)
                for number, more in ((FEW, FEW), (MANY, MANY - FEW)):
                    first = HEALTHY * EACH + number
                    rows.due(at, [dead], more, first=first, events=more // 10)
                    at.analyze()
                    claim, ready = costs(at, [*ids, dead])
                    figures[f"{kind} claim, {number:,} dead"] = claim
                    figures[f"{kind} list of webhooks, {number:,} dead"] = ready
                TEXTS[f"The claim beside {MANY:,} dead, {kind}"] = plans(at, [*ids, dead])
                figures[f"{kind} p99 beside"] = p99(at, receiver)
    return figures


def filled(at: Installation, receiver: Receiver) -> tuple[list[str], str]:
    organization_id = at.organization()
    ids = at.webhooks(organization_id, [receiver.url("ok", n) for n in range(HEALTHY)])
    dead = at.webhooks(organization_id, [CLOSED], first=HEALTHY)[0]
    rows.due(at, ids, HEALTHY * EACH)
    at.analyze()
    return ids, dead


def p99(at: Installation, receiver: Receiver) -> float:
    """Milliseconds from the worker's first look at the ledger until the healthy ones came."""
    receiver.report()
    with workers(at):
        began = until(enrolled(at, 1), step=0.005)
        moments, _ = came(receiver, "ok", HEALTHY * EACH)
    return percentile([(moment - began) * 1000 for moment in moments], 0.99)


class _Undone(Exception):
    """Takes back what a statement did."""


def costs(at: Installation, webhook_ids: Sequence[str]) -> tuple[float, float]:
    """Milliseconds of a claim of some of each webhook, and of reading which have work."""
    due_queue = Sqlite() if at.settings.is_sqlite else Postgresql()
    wanted = [(webhook_id, _QUOTA) for webhook_id in webhook_ids]
    store = Store(at.settings, write_lock_for(at.settings))
    try:
        claim = _median(store, lambda connection: due_queue.claim(connection, 1, wanted, now_ms()))
        return claim, _median(store, due_queue.ready)
    finally:
        store.close()


def _median(store: Store, work: Callable[[Connection], object]) -> float:
    taken = []
    for _ in range(_ROUNDS):
        with contextlib.suppress(_Undone), store.write_transaction() as connection:
            # The ledger goes past SQLAlchemy, which would not see that there is anything to undo.
            connection.begin()
            before = time.perf_counter()
            work(connection)
            taken.append((time.perf_counter() - before) * 1000)
            raise _Undone
    return statistics.median(taken)


def plans(at: Installation, webhook_ids: Sequence[str]) -> str:
    """How the database carries out the claim and the list of webhooks that have work."""
    store = Store(at.settings, write_lock_for(at.settings))
    lines: list[str] = []
    if at.settings.is_sqlite:
        given = ((_FREE, (webhook_ids[-1], now_ms(), _QUOTA)), (_SQLITE_READY, ()))
        head, column = "EXPLAIN QUERY PLAN ", 3
    else:
        numbers = [_QUOTA] * len(webhook_ids)
        given = ((_CLAIM, (1, list(webhook_ids), numbers, now_ms())), (_READY, ()))
        head, column = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS OFF) ", 0
    with contextlib.suppress(_Undone), store.write_transaction() as connection:
        for statement, values in given:
            told = connection.exec_driver_sql(head + statement, values)
            lines += [statement.strip(), "", *(str(row[column]) for row in told), ""]
        raise _Undone
    store.close()
    return "\n".join(lines).rstrip()


def _aims(kind: str) -> list[Aim]:
    aims = [
        Aim(
            f"{kind}: healthy p99 beside to alone, at most 2",
            ratio(f"{kind} p99 beside", f"{kind} p99 alone"),
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
    f"1 webhook dead with {MANY:,} due deliveries, {HEALTHY} healthy with {EACH} each",
    run,
    [aim for kind in KINDS for aim in _aims(kind)],
    units={
        f"{kind} {what}": "ms"
        for kind in KINDS
        for what in (
            "p99 alone",
            "p99 beside",
            *(f"{what}, {n:,} dead" for what in ("claim", "list of webhooks") for n in (FEW, MANY)),
        )
    },
    notes=(
        "The dead one refuses connections. The claim takes 10 of each of the 21 webhooks,"
        f" is taken back, and the median of {_ROUNDS} is told; its plan stands below."
    ),
)
