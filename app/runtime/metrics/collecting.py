"""The counters of this process, or of all processes that share PROMETHEUS_MULTIPROC_DIR."""

import os
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from app.runtime.metrics.requests import REGISTRY


def counters() -> CollectorRegistry:
    """May be kept: each scrape reads the values of its moment."""
    shared = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not shared:
        return REGISTRY
    registry = CollectorRegistry()
    registry.register(_SharedCounters(Path(shared)))
    return registry


class _SharedCounters(Collector):
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def collect(self) -> Iterable[Metric]:
        _forget_ended_processes(self._directory)
        collector = MultiProcessCollector(None, str(self._directory))  # type: ignore[no-untyped-call]
        metrics: Iterable[Metric] = collector.collect()  # type: ignore[no-untyped-call]
        return metrics


def _forget_ended_processes(directory: Path) -> None:
    """Their counters stay; what they had in flight does not."""
    for file in directory.glob("gauge_live*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            mark_process_dead(int(pid))  # type: ignore[no-untyped-call]
