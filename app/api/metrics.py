"""/metrics for Prometheus: this process's counters, and the due queue as the database has it now.

With several web processes set PROMETHEUS_MULTIPROC_DIR to an empty directory before they start, so
that each of them reports the counters of all. No metric names a tenant.
"""

import os
from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from app.domain.common.clock import now_ms
from app.http.messages import Request, Response
from app.http.routes import Route
from app.queries import health
from app.runtime.metrics import REGISTRY


class DueQueueCollector(Collector):
    """Queries the due queue at each scrape; the cost does not grow with the queue."""

    def collect(self) -> Iterator[Metric]:
        now = now_ms()
        try:
            backlog, seen = health.backlog(now), health.worker_seen_at()
        except SQLAlchemyError:
            yield _gauge("callboard_database_up", "Whether the database responds.", 0)
            return
        yield _gauge("callboard_database_up", "Whether the database responds.", 1)
        yield _gauge(
            "callboard_due_deliveries",
            f"Deliveries due now and not claimed, counted up to {health.BACKLOG_COUNTED}.",
            backlog.count,
        )
        yield _gauge(
            "callboard_due_oldest_seconds",
            "How long the oldest of them has been due.",
            backlog.oldest_age_ms / 1000,
        )
        if seen is not None:
            yield _gauge(
                "callboard_worker_seen_seconds",
                "Time since a delivery worker's last heartbeat.",
                max(0, now - seen) / 1000,
            )


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, value=value)


def scrape(_: Request) -> Response:
    due_queue = CollectorRegistry()
    due_queue.register(DueQueueCollector())
    counters = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counters = CollectorRegistry()
        MultiProcessCollector(counters)  # type: ignore[no-untyped-call]
    body = generate_latest(counters) + generate_latest(due_queue)
    return Response(200, body, content_type=CONTENT_TYPE_LATEST)


ROUTE = Route("GET", "/metrics", scrape)
