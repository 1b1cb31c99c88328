"""A worker that is asked to end while it has much in hand, and one that takes over."""

import time
from collections import Counter

from bench import rows
from bench.figures import Aim, Case, at_most
from bench.installation import KINDS, Installation, Servers, installation
from bench.receiver import Receiver
from bench.workers import Worker, claimed, recorded, until, workers

WEBHOOKS, NUMBER, IN_HAND = 50, 600, 300
# Large, so that much is claimed that has no room yet to be sent.
SIZE, EVENTS = 256 << 10, 6


def run(servers: Servers) -> dict[str, float]:
    figures = {"sent twice": 0.0, "sent and not recorded": 0.0}
    for kind in KINDS:
        with Receiver() as receiver, installation(kind, servers) as at:
            for name, value in restarted(at, receiver).items():
                if name in figures:
                    figures[name] += value
                else:
                    figures[f"{kind}, {name}"] = value
    return figures


def restarted(at: Installation, receiver: Receiver) -> dict[str, float]:
    urls = [receiver.url("after/1000", n) for n in range(WEBHOOKS)]
    rows.due(at, at.webhooks(at.organization(), urls), NUMBER, events=EVENTS, size=SIZE)
    ids: Counter[bytes] = Counter()

    def unsent() -> set[str]:
        mine = claimed(at)
        ids.update(receiver.report()["ids"])
        return mine - {name.decode().removeprefix("msg_") for name in ids}

    worker = Worker(at)
    try:
        until(lambda: len(claimed(at)) >= IN_HAND)
        in_hand = len(unsent())
        before = time.monotonic()
        worker.ask_to_end()
        freed = until(lambda: not unsent(), step=0.005)
    finally:
        worker.stop()
    ended = time.monotonic()
    ids.update(receiver.report()["ids"])
    left = at.scalar("SELECT count(*) FROM due")
    not_recorded = len(ids) - (NUMBER - left)
    with workers(at):
        until(recorded(at))
    ids.update(receiver.report()["ids"])
    return {
        "unsent in hand": in_hand,
        "free again": freed - before,
        "ended": ended - before,
        "sent and not recorded": not_recorded,
        "sent twice": sum(number - 1 for number in ids.values()),
    }


RESTART = Case(
    "restart",
    "Restart of a worker under load",
    run,
    [
        *(
            Aim(
                f"{kind}: claimed and not sent is free again in less than 2 s",
                lambda figures, kind=kind: figures[f"{kind}, free again"],
                at_most(2),
                "s",
            )
            for kind in KINDS
        ),
        Aim(
            "sent and not recorded, none",
            lambda figures: figures["sent and not recorded"],
            at_most(0),
        ),
        Aim("sent twice, none", lambda figures: figures["sent twice"], at_most(0)),
    ],
    units={f"{kind}, {what}": "s" for kind in KINDS for what in ("free again", "ended")},
    notes="Payloads of 256 KiB to a receiver that takes 1 s; SIGTERM, then another worker.",
)
