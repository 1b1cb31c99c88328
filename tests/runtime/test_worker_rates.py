"""The rate of a worker, from the counters of its process."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.runtime.metrics.worker_rates import LEAST_SECONDS, WorkerRates

# A process that counts as a worker does.
COUNTING = """
import os
from prometheus_client import Counter
attempts = Counter("callboard_attempts_total", "x", ["outcome", "cause"])
attempts.labels("succeeded", "ok").inc(30)
attempts.labels("failed", "status").inc(100)
print(os.getpid())
"""


def test_a_rate_is_that_since_the_start_and_then_since_an_earlier_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    run = [sys.executable, "-c", COUNTING]
    pid = int(subprocess.run(run, check=True, capture_output=True).stdout)
    now = 100.0
    rates = WorkerRates(clock=lambda: now)
    assert rates.per_minute(pid, age_seconds=60) == 30
    now += LEAST_SECONDS
    assert rates.per_minute(pid, age_seconds=70) == 0
    assert rates.per_minute(pid + 1, age_seconds=60) is None
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR")
    assert rates.per_minute(pid, age_seconds=60) is None
