"""A worker that is stopped for longer than it is waited for, and goes on afterwards."""

import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from bench import rows
from bench.figures import Aim, Case, at_most
from bench.installation import KINDS, Installation, Servers, installation
from bench.receiver import Receiver
from bench.workers import Worker, claimed, enrolled, recorded, until, workers

WEBHOOKS, NUMBER, IN_HAND = 50, 700, 500
SECONDS = 30.0


def run(servers: Servers) -> dict[str, float]:
    """On each database, with another worker and without: side by side, since all only wait."""
    with ExitStack() as stack:
        given = [
            (
                stack.enter_context(installation(kind, servers)),
                stack.enter_context(Receiver()),
                others,
            )
            for kind in KINDS
            for others in (0, 1)
        ]
        with ThreadPoolExecutor(len(given)) as pool:
            found = list(pool.map(lambda one: stopped(*one), given))
    return {name: sum(one[name] for one in found) for name in found[0]}


def stopped(at: Installation, receiver: Receiver, others: int) -> dict[str, float]:
    """others: workers that are there beside it, and take over what it had claimed."""
    urls = [receiver.url("after/1000", n) for n in range(WEBHOOKS)]
    ids = at.webhooks(at.organization(), urls)
    worker = Worker(at)
    try:
        until(enrolled(at, 1))
        rows.due(at, ids, NUMBER)
        until(lambda: len(claimed(at)) >= IN_HAND, step=0.005)
        worker.signal(signal.SIGSTOP)
        stopped_at = time.monotonic()
        in_hand = claimed(at)
        with workers(at, others):
            until(lambda: time.monotonic() - stopped_at >= SECONDS, step=0.1)
            worker.signal(signal.SIGCONT)
            until(recorded(at))
    finally:
        worker.stop()
    return counted(at, receiver, in_hand)


def counted(at: Installation, receiver: Receiver, in_hand: set[str]) -> dict[str, float]:
    came = Counter(
        {
            name.decode().removeprefix("msg_"): number
            for name, number in receiver.report()["ids"].items()
        }
    )
    again = {name for name, number in came.items() if number > 1}
    timeouts = at.scalar("SELECT count(*) FROM attempts WHERE cause LIKE 'timeout%'")
    return {
        "in hand when stopped": len(in_hand),
        "records": at.scalar("SELECT count(*) FROM attempts"),
        "recorded twice": at.scalar("SELECT count(*) FROM attempts WHERE number > 1"),
        "sent again": len(again),
        "sent again, not in hand": len(again - in_hand),
        "timeouts recorded": timeouts,
    }


def _none(name: str) -> Aim:
    return Aim(f"{name}, none", lambda figures: figures[name], at_most(0))


STOPPED = Case(
    "stopped",
    f"A worker stopped for {SECONDS:.0f} s (SIGSTOP) with {IN_HAND} claimed, then continued",
    run,
    [_none(name) for name in ("recorded twice", "sent again, not in hand", "timeouts recorded")],
    times=1,
    notes=(
        f"One run of four at once, added up: {NUMBER} deliveries on each database, with a worker"
        " that takes over and without. The receiver takes 1 s, and so answers while it is stopped."
    ),
)
