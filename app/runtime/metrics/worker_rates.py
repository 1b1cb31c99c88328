"""How much each worker on this machine delivers, from the counters that it publishes anyway.

Workers count in files of PROMETHEUS_MULTIPROC_DIR, one for each process. Reading them costs the
workers nothing. Those of workers on other machines are on their own /metrics.
"""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client.multiprocess import MultiProcessCollector

# A rate over less would jump.
LEAST_SECONDS = 10.0
_METRIC, _SAMPLE = "callboard_attempts", "callboard_attempts_total"
_MINUTE = 60.0


@dataclass(slots=True)
class WorkerRates:
    """Thread-safe. clock: monotonic seconds."""

    clock: Callable[[], float] = time.monotonic
    # Process id -> (time, delivered) of the last two looks that are far enough apart.
    _looks: dict[int, list[tuple[float, float]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def per_minute(self, pid: int, age_seconds: float) -> float | None:
        """Succeeded attempts a minute: since a look at the page at least 10 seconds ago, or else
        since the process started. None: its counters are not on this machine."""
        delivered = _delivered(pid)
        if delivered is None:
            return None
        now = self.clock()
        with self._lock:
            looks = self._looks.setdefault(pid, [])
            # A process that was started later under the same id begins again.
            if looks and delivered < looks[-1][1]:
                looks.clear()
            if not looks or now - looks[-1][0] >= LEAST_SECONDS:
                looks.append((now, delivered))
                del looks[:-2]
            at, before = looks[0]
        if now - at >= LEAST_SECONDS:
            return (delivered - before) / (now - at) * _MINUTE
        return delivered / max(age_seconds, 1.0) * _MINUTE


def _delivered(pid: int) -> float | None:
    """Since the process started."""
    directory = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    file = Path(directory or "") / f"counter_{pid}.db"
    if not directory or not file.is_file():
        return None
    metrics = MultiProcessCollector.merge([str(file)])  # type: ignore[no-untyped-call]
    samples = [s for metric in metrics if metric.name == _METRIC for s in metric.samples]
    return sum(
        float(sample.value)
        for sample in samples
        if sample.name == _SAMPLE and sample.labels["outcome"] == "succeeded"
    )
