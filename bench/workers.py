"""Delivery workers as they are deployed: `python worker.py`."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.installation import Installation
from bench.receiver import Receiver

ROOT = Path(__file__).resolve().parents[1]
LIMIT_SECONDS = 120.0


class Worker:
    def __init__(
        self, installation: Installation, program: Sequence[str] = ("worker.py",), **environ: str
    ) -> None:
        log = (installation.directory / "worker.log").open("ab")
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, *program],
            cwd=ROOT,
            env=kept | installation.environ | environ,
            stdout=log,
            stderr=log,
        )
        log.close()
        self.seen = psutil.Process(self._process.pid)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def ask_to_end(self) -> None:
        self._process.terminate()

    def stop(self) -> float:
        """Seconds until it had ended."""
        before = time.monotonic()
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
        self._process.wait(30)
        return time.monotonic() - before

    def cpu(self) -> float:
        times = self.seen.cpu_times()
        return float(times.user + times.system)

    def megabytes(self) -> float:
        return float(self.seen.memory_info().rss) / (1 << 20)

    def forget_most(self) -> None:
        """What it had so far counts no more."""
        Path(f"/proc/{self.seen.pid}/clear_refs").write_text("5")

    def most_megabytes(self) -> float:
        """The most it ever had."""
        status = Path(f"/proc/{self.seen.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024


@contextmanager
def workers(
    installation: Installation,
    number: int = 1,
    program: Sequence[str] = ("worker.py",),
    **environ: str,
) -> Iterator[list[Worker]]:
    running = [Worker(installation, program, **environ) for _ in range(number)]
    try:
        yield running
    finally:
        for one in running:
            one.stop()


def until(
    condition: Callable[[], bool], seconds: float = LIMIT_SECONDS, step: float = 0.02
) -> float:
    """The time at which the condition held, on the monotonic clock; TimeoutError."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(step)
    return time.monotonic()


def enrolled(installation: Installation, number: int) -> Callable[[], bool]:
    """Whether so many workers have taken up their work."""
    return lambda: installation.scalar("SELECT count(*) FROM workers") >= number


def claimed(installation: Installation) -> set[str]:
    """Deliveries that a worker has in hand."""
    found = installation.rows("SELECT delivery_id FROM due WHERE claimed_by IS NOT NULL")
    return {str(row[0]) for row in found}


def recorded(installation: Installation) -> Callable[[], bool]:
    """Whether nothing is open any more."""
    return lambda: not installation.scalar("SELECT count(*) FROM due")


def came(receiver: Receiver, kind: str, number: int) -> tuple[list[float], Counter[bytes]]:
    """When each of so many answered requests came, on the monotonic clock, and how often each
    webhook-id did. It waits for them, and takes over what the receiver has to tell."""
    found: list[float] = []
    ids: Counter[bytes] = Counter()

    def enough() -> bool:
        told = receiver.report()
        ids.update(told["ids"])
        found.extend(moment for moment, name, _ in told["answered"] if name == kind)
        return len(found) >= number

    until(enough)
    return found, ids


def rate(moments: Sequence[float]) -> float:
    """A second, from the first to the last."""
    return (len(moments) - 1) / (max(moments) - min(moments))
