"""The whole product when idle, as `script/server` starts it."""

import statistics
import tempfile
import time
from pathlib import Path

import psutil

from bench.figures import Aim, Case, at_most
from bench.installation import Servers
from bench.workers import until
from tests.support.product import Product

ROUNDS, SECONDS = 3, 8.0
# Start-up work has finished by then.
SETTLED_SECONDS = 5.0


def run(_: Servers) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="cb-bench-") as directory:
        product = Product(Path(directory))
        figures = {"start": product.start()}
        try:
            sleep_for(SETTLED_SECONDS)
            shares = [share_of_a_core(product) for _ in range(ROUNDS)]
            figures["of a core"] = statistics.median(shares)
            return figures | memory(product)
        finally:
            product.stop()


def share_of_a_core(product: Product) -> float:
    """Percent, all processes together."""
    before, began = product.cpu_seconds(), time.monotonic()
    sleep_for(SECONDS)
    return (product.cpu_seconds() - before) / (time.monotonic() - began) * 100


def sleep_for(seconds: float) -> None:
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() >= end, step=seconds / 20)


def memory(product: Product) -> dict[str, float]:
    """Megabytes (PSS: shared pages are divided among the processes)."""
    megabytes: dict[str, float] = dict.fromkeys(["web", "worker", "Redis", "supervisor"], 0.0)
    for process in product.processes():
        megabytes[part_of(process)] += process.memory_full_info().pss / (1 << 20)
    return megabytes


def part_of(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    words = (("gunicorn", "web"), ("worker.py", "worker"), ("redis", "Redis"))
    return next((part for word, part in words if word in command), "supervisor")


IDLE = Case(
    "idle",
    "The whole product when idle",
    run,
    [
        Aim(
            "CPU time, at most 0.5 % of a core",
            lambda figures: figures["of a core"],
            at_most(0.5),
            "%",
        )
    ],
    units={"start": "s", "of a core": "%"}
    | dict.fromkeys(["web", "worker", "Redis", "supervisor"], "MB"),
    times=1,
    notes=(
        f"`script/server` with its defaults: SQLite, embedded Redis. Started once; the median of"
        f" {ROUNDS} periods of {SECONDS:.0f} s."
    ),
)
