"""What a worker holds in memory while much is due, over plain HTTP and over TLS."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import rows
from bench.figures import Aim, Case, at_most
from bench.installation import BODY_BYTES, Installation, Servers, installation
from bench.receiver import Receiver
from bench.tls_receiver import TlsReceiver
from bench.workers import enrolled, until, workers

WEBHOOKS = 50
DUE, LARGE, OVER_TLS = 100_000, 240, 20_000
# Of those that are due, so many are sent while the memory is watched.
SENT = {DUE: 20_000, LARGE: LARGE, OVER_TLS: OVER_TLS}
MIB = 1 << 20
MOST_MEGABYTES = 60
# The year 3084: nothing of it is due yet.
NOT_YET = 1 << 45

Program = tuple[Sequence[str], dict[str, str]]
PLAIN: Program = (("worker.py",), {})


def run(servers: Servers) -> dict[str, float]:
    with Receiver() as receiver, tempfile.TemporaryDirectory() as directory:
        # One that takes a while, so that many are going at once.
        def plain(n: int) -> str:
            return receiver.url("after/100", n)

        idle, small = held(servers, plain, DUE, BODY_BYTES, PLAIN)
        _, large = held(servers, plain, LARGE, MIB, PLAIN)
        with TlsReceiver(Path(directory)) as tls:
            trusting: Program = (
                ("-m", "bench.trusting_worker"),
                {"BENCH_AUTHORITY": tls.authority},
            )
            _, over_tls = held(servers, tls.url, OVER_TLS, BODY_BYTES, trusting)
    return {
        "idle": idle,
        f"{DUE:,} due, more by": small,
        f"{LARGE} due of 1 MiB, more by": large,
        f"{OVER_TLS:,} due over TLS, more by": over_tls,
    }


def held(
    servers: Servers, url: Callable[[int], str], number: int, size: int, program: Program
) -> tuple[float, float]:
    """Megabytes of an idle worker, and how many more it had at most while it sent."""
    with installation("SQLite", servers) as at:
        ids = at.webhooks(at.organization(), [url(n) for n in range(WEBHOOKS)])
        rows.due(at, ids, number, size=size, next_at=NOT_YET)
        with workers(at, 1, program[0], **program[1]) as [worker]:
            until(enrolled(at, 1))
            until(lambda: at.scalar("SELECT beat FROM workers") > 0)
            idle = worker.megabytes()
            worker.forget_most()
            at.run("UPDATE due SET next_at = 0")
            until(lambda: number - still_open(at) >= SENT[number])
            return idle, worker.most_megabytes() - idle


def still_open(at: Installation) -> int:
    return int(at.scalar("SELECT count(*) FROM due"))


def _aim(name: str) -> Aim:
    text = f"{name}, at most {MOST_MEGABYTES} MB"
    return Aim(text, lambda figures: figures[name], at_most(MOST_MEGABYTES), "MB")


_NAMES = (f"{DUE:,} due, more by", f"{LARGE} due of 1 MiB, more by")

MEMORY = Case(
    "memory",
    f"A worker's memory with {DUE:,} due",
    run,
    [_aim(name) for name in _NAMES],
    units=dict.fromkeys(["idle", *_NAMES, f"{OVER_TLS:,} due over TLS, more by"], "MB"),
    times=1,
    notes=(
        f"One run, on SQLite; the receiver takes 100 ms, that over TLS none. {SENT[DUE]:,} of the"
        f" {DUE:,}, and all of the others, are sent while the worker's greatest memory is noted."
    ),
)
