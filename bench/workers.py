"""Delivery workers as they are deployed: `python worker.py`."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.place import Place

ROOT = Path(__file__).resolve().parents[1]
LIMIT_SECONDS = 120.0


class Worker:
    def __init__(self, place: Place, **environ: str) -> None:
        log = (place.directory / "worker.log").open("ab")
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "worker.py"],
            cwd=ROOT,
            env=kept | place.environ | environ,
            stdout=log,
            stderr=log,
        )
        log.close()
        self.seen = psutil.Process(self._process.pid)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

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


@contextmanager
def workers(place: Place, number: int = 1, **environ: str) -> Iterator[list[Worker]]:
    running = [Worker(place, **environ) for _ in range(number)]
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


def enrolled(place: Place, number: int) -> Callable[[], bool]:
    """Whether so many workers have taken up their work."""
    return lambda: place.scalar("SELECT count(*) FROM workers") >= number
