"""Run delivery workers as deployed: `python worker.py`."""

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
        inherited = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ
        }
        self._process = subprocess.Popen(
            [sys.executable, *program],
            cwd=ROOT,
            env=inherited | installation.environ | environ,
            stdout=log,
            stderr=log,
        )
        log.close()
        self.seen = psutil.Process(self._process.pid)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def terminate(self) -> None:
        self._process.terminate()

    def stop(self) -> float:
        """Terminate the process. Returns the seconds until it exited."""
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

    def reset_peak_memory(self) -> None:
        """Restart the measurement of `peak_megabytes`."""
        Path(f"/proc/{self.seen.pid}/clear_refs").write_text("5")

    def peak_megabytes(self) -> float:
        """Peak resident memory."""
        status = Path(f"/proc/{self.seen.pid}/status").read_text()
        peak = next(row for row in status.splitlines() if row.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024


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
        for worker in running:
            worker.stop()


def until(
    condition: Callable[[], bool], seconds: float = LIMIT_SECONDS, step: float = 0.02
) -> float:
    """Wait for the condition and return the monotonic time at which it was true. TimeoutError."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(step)
    return time.monotonic()


def registered(installation: Installation, number: int) -> Callable[[], bool]:
    """A condition: this many workers are in the worker registry."""
    return lambda: installation.scalar("SELECT count(*) FROM workers") >= number


def claimed_ids(installation: Installation) -> set[str]:
    """Ids of claimed deliveries."""
    rows = installation.rows("SELECT delivery_id FROM due WHERE claimed_by IS NOT NULL")
    return {str(row[0]) for row in rows}


def all_recorded(installation: Installation) -> Callable[[], bool]:
    """A condition: the due queue is empty."""
    return lambda: not installation.scalar("SELECT count(*) FROM due")


def collect_requests(
    receiver: Receiver, kind: str, number: int
) -> tuple[list[float], Counter[bytes]]:
    """Wait for `number` requests of `kind` that got a response. Returns their monotonic times, and
    the number of requests by webhook-id. Resets the receiver's report."""
    moments: list[float] = []
    ids: Counter[bytes] = Counter()

    def has_all() -> bool:
        report = receiver.report()
        ids.update(report["ids"])
        moments.extend(moment for moment, name, _ in report["responded"] if name == kind)
        return len(moments) >= number

    until(has_all)
    return moments, ids


def rate(moments: Sequence[float]) -> float:
    """Per second, from the first to the last."""
    return (len(moments) - 1) / (max(moments) - min(moments))
