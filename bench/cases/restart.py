"""Terminate a worker that has claimed many deliveries; another one takes over."""

import time
from collections import Counter

from bench import rows
from bench.figures import Aim, Case, at_most
from bench.installation import KINDS, Installation, Servers, installation
from bench.receiver import Receiver
from bench.workers import Worker, all_recorded, claimed_ids, until, workers

WEBHOOKS, NUMBER, CLAIMED = 50, 600, 300
# Large, so that many are claimed before there is room to send them.
SIZE, EVENTS = 256 << 10, 6


def run(servers: Servers) -> dict[str, float]:
    figures = {"sent twice": 0.0, "sent but not recorded": 0.0}
    for kind in KINDS:
        with Receiver() as receiver, installation(kind, servers) as target:
            for name, value in restarted(target, receiver).items():
                if name in figures:
                    figures[name] += value
                else:
                    figures[f"{kind}, {name}"] = value
    return figures


def restarted(target: Installation, receiver: Receiver) -> dict[str, float]:
    urls = [receiver.url("after/1000", n) for n in range(WEBHOOKS)]
    rows.due(target, target.webhooks(target.organization(), urls), NUMBER, events=EVENTS, size=SIZE)
    ids: Counter[bytes] = Counter()

    def unsent() -> set[str]:
        claimed = claimed_ids(target)
        ids.update(receiver.report()["ids"])
        return claimed - {name.decode().removeprefix("msg_") for name in ids}

    worker = Worker(target)
    try:
        until(lambda: len(claimed_ids(target)) >= CLAIMED)
        unsent_count = len(unsent())
        before = time.monotonic()
        worker.terminate()
        released = until(lambda: not unsent(), step=0.005)
    finally:
        worker.stop()
    ended = time.monotonic()
    ids.update(receiver.report()["ids"])
    remaining = target.scalar("SELECT count(*) FROM due")
    not_recorded = len(ids) - (NUMBER - remaining)
    with workers(target):
        until(all_recorded(target))
    ids.update(receiver.report()["ids"])
    return {
        "claimed and unsent": unsent_count,
        "released": released - before,
        "exited": ended - before,
        "sent but not recorded": not_recorded,
        "sent twice": sum(number - 1 for number in ids.values()),
    }


RESTART = Case(
    "restart",
    "Restart of a worker under load",
    run,
    [
        *(
            Aim(
                f"{kind}: claimed and unsent deliveries released in less than 2 s",
                lambda figures, kind=kind: figures[f"{kind}, released"],
                at_most(2),
                "s",
            )
            for kind in KINDS
        ),
        Aim(
            "sent but not recorded: 0",
            lambda figures: figures["sent but not recorded"],
            at_most(0),
        ),
        Aim("sent twice: 0", lambda figures: figures["sent twice"], at_most(0)),
    ],
    units={f"{kind}, {what}": "s" for kind in KINDS for what in ("released", "exited")},
    notes="Payloads of 256 KiB to a receiver that takes 1 s; SIGTERM, then another worker.",
)
