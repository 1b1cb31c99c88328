"""Memory of a worker with a large backlog, over HTTP and over TLS."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import rows
from bench.figures import Aim, Case, at_most
from bench.installation import BODY_BYTES, Installation, Servers, installation
from bench.receiver import Receiver
from bench.tls_receiver import TlsReceiver
from bench.workers import registered, until, workers

WEBHOOKS = 50
DUE, LARGE, OVER_TLS = 100_000, 240, 20_000
# Number of due deliveries that are sent while memory is measured.
SENT = {DUE: 20_000, LARGE: LARGE, OVER_TLS: OVER_TLS}
MIB = 1 << 20
MOST_MEGABYTES = 60
# The year 3084: not due yet.
NOT_YET = 1 << 45

Program = tuple[Sequence[str], dict[str, str]]
PLAIN: Program = (("worker.py",), {})


def run(servers: Servers) -> dict[str, float]:
    with Receiver() as receiver, tempfile.TemporaryDirectory() as directory:
        # A slow receiver, so that many requests are in flight.
        def plain(n: int) -> str:
            return receiver.url("after/100", n)

        idle, small = measure(servers, plain, DUE, BODY_BYTES, PLAIN)
        _, large = measure(servers, plain, LARGE, MIB, PLAIN)
        with TlsReceiver(Path(directory)) as tls:
            trusting: Program = (
                ("-m", "bench.trusting_worker"),
                {"BENCH_AUTHORITY": tls.authority},
            )
            _, over_tls = measure(servers, tls.url, OVER_TLS, BODY_BYTES, trusting)
    return {
        "idle": idle,
        f"{DUE:,} due, growth": small,
        f"{LARGE} due of 1 MiB, growth": large,
        f"{OVER_TLS:,} due over TLS, growth": over_tls,
    }


def measure(
    servers: Servers, url: Callable[[int], str], number: int, size: int, program: Program
) -> tuple[float, float]:
    """Megabytes of an idle worker, and its maximum growth while sending."""
    with installation("SQLite", servers) as target:
        ids = target.webhooks(target.organization(), [url(n) for n in range(WEBHOOKS)])
        rows.due(target, ids, number, size=size, next_at=NOT_YET)
        with workers(target, 1, program[0], **program[1]) as [worker]:
            until(registered(target, 1))
            until(lambda: target.scalar("SELECT beat FROM workers") > 0)
            idle = worker.megabytes()
            worker.reset_peak_memory()
            target.run("UPDATE due SET next_at = 0")
            until(lambda: number - due_count(target) >= SENT[number])
            return idle, worker.peak_megabytes() - idle


def due_count(target: Installation) -> int:
    return int(target.scalar("SELECT count(*) FROM due"))


def _aim(name: str) -> Aim:
    text = f"{name}, at most {MOST_MEGABYTES} MB"
    return Aim(text, lambda figures: figures[name], at_most(MOST_MEGABYTES), "MB")


_NAMES = (f"{DUE:,} due, growth", f"{LARGE} due of 1 MiB, growth")

MEMORY = Case(
    "memory",
    f"A worker's memory with {DUE:,} due",
    run,
    [_aim(name) for name in _NAMES],
    units=dict.fromkeys(["idle", *_NAMES, f"{OVER_TLS:,} due over TLS, growth"], "MB"),
    times=1,
    notes=(
        f"One run, on SQLite; the HTTP receiver takes 100 ms, the TLS receiver none."
        f" {SENT[DUE]:,} of the {DUE:,}, and all of the others, are sent while the peak memory is"
        " measured."
    ),
)
