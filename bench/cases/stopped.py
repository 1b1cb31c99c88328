"""A worker that is stopped for longer than its lease and then continues."""

import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from bench import rows
from bench.figures import Aim, Case, at_most
from bench.installation import KINDS, Installation, Servers, installation
from bench.receiver import Receiver
from bench.workers import Worker, all_recorded, claimed_ids, registered, until, workers

WEBHOOKS, NUMBER, CLAIMED = 50, 700, 500
SECONDS = 30.0


def run(servers: Servers) -> dict[str, float]:
    """On each database, with another worker and without, all in parallel since they mostly wait."""
    with ExitStack() as stack:
        setups = [
            (
                stack.enter_context(installation(kind, servers)),
                stack.enter_context(Receiver()),
                others,
            )
            for kind in KINDS
            for others in (0, 1)
        ]
        with ThreadPoolExecutor(len(setups)) as pool:
            results = list(pool.map(lambda setup: stopped(*setup), setups))
    return {name: sum(result[name] for result in results) for name in results[0]}


def stopped(target: Installation, receiver: Receiver, others: int) -> dict[str, float]:
    """others: number of workers that take over its claims."""
    urls = [receiver.url("after/1000", n) for n in range(WEBHOOKS)]
    ids = target.webhooks(target.organization(), urls)
    worker = Worker(target)
    try:
        until(registered(target, 1))
        rows.due(target, ids, NUMBER)
        until(lambda: len(claimed_ids(target)) >= CLAIMED, step=0.005)
        worker.signal(signal.SIGSTOP)
        stopped_at = time.monotonic()
        claimed = claimed_ids(target)
        with workers(target, others):
            until(lambda: time.monotonic() - stopped_at >= SECONDS, step=0.1)
            worker.signal(signal.SIGCONT)
            until(all_recorded(target))
    finally:
        worker.stop()
    return counted(target, receiver, claimed)


def counted(target: Installation, receiver: Receiver, claimed: set[str]) -> dict[str, float]:
    requests = Counter(
        {
            name.decode().removeprefix("msg_"): number
            for name, number in receiver.report()["ids"].items()
        }
    )
    repeated = {name for name, number in requests.items() if number > 1}
    timeouts = target.scalar("SELECT count(*) FROM attempts WHERE cause LIKE 'timeout%'")
    return {
        "claimed when stopped": len(claimed),
        "records": target.scalar("SELECT count(*) FROM attempts"),
        "recorded twice": target.scalar("SELECT count(*) FROM attempts WHERE number > 1"),
        "sent again": len(repeated),
        "sent again, not claimed": len(repeated - claimed),
        "timeouts recorded": timeouts,
    }


def _none(name: str) -> Aim:
    return Aim(f"{name}: 0", lambda figures: figures[name], at_most(0))


STOPPED = Case(
    "stopped",
    f"A worker stopped for {SECONDS:.0f} s (SIGSTOP) with {CLAIMED} claimed, then continued",
    run,
    [_none(name) for name in ("recorded twice", "sent again, not claimed", "timeouts recorded")],
    times=1,
    notes=(
        f"Sum of four parallel installations: {NUMBER} deliveries on each database, with and"
        " without a worker that takes over. The receiver takes 1 s, so it responds while the"
        " worker is stopped."
    ),
)
