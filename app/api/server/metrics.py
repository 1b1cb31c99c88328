"""/metrics for Prometheus: the counters of the processes of this machine that share
PROMETHEUS_MULTIPROC_DIR, or else of this process, and the queue as the database has it now.

No metric names a tenant.
"""

from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from app import __version__
from app.domain.common.clock import now_ms
from app.http.messages import Request, Response
from app.http.routes import Route
from app.queries import health
from app.runtime.metrics.collecting import counters

# A worker without a heartbeat for this long does not count.
WORKER_SILENT_MS = 15_000


class DueQueueCollector(Collector):
    """Queries the due queue at each scrape; the cost does not grow with the queue."""

    def collect(self) -> Iterator[Metric]:
        now = now_ms()
        yield _build()
        try:
            backlog, seen = health.backlog(now), health.worker_seen_at()
            workers = health.workers_since(now - WORKER_SILENT_MS)
        except SQLAlchemyError:
            yield _is_up(0)
            return
        yield _is_up(1)
        yield from _queue(backlog, workers)
        if seen is not None:
            yield _seen(max(0, now - seen))


def described() -> list[Metric]:
    """The metrics of the collector, for the documentation."""
    return [_build(), _is_up(1), *_queue(health.Backlog(0, 0), 0), _seen(0)]


def _build() -> Metric:
    return InfoMetricFamily("callboard_build", "The release.", value={"version": __version__})


def _is_up(value: int) -> Metric:
    return _gauge("callboard_database_up", "Whether the database responds.", value)


def _queue(backlog: health.Backlog, workers: int) -> Iterator[Metric]:
    yield _gauge(
        "callboard_queue_depth",
        f"Deliveries due now and not claimed, counted up to {health.BACKLOG_COUNTED}.",
        backlog.count,
    )
    yield _gauge(
        "callboard_queue_oldest_seconds",
        "How long the oldest of them has been due.",
        backlog.oldest_age_ms / 1000,
    )
    yield _gauge(
        "callboard_workers",
        "Delivery workers with a heartbeat within 15 seconds, on all machines.",
        workers,
    )


def _seen(ms: int) -> Metric:
    words = "Time since a delivery worker's last heartbeat."
    return _gauge("callboard_worker_seen_seconds", words, ms / 1000)


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, value=value)


def scrape(_: Request) -> Response:
    due_queue = CollectorRegistry()
    due_queue.register(DueQueueCollector())
    body = generate_latest(counters()) + generate_latest(due_queue)
    return Response(200, body, content_type=CONTENT_TYPE_LATEST)


ROUTE = Route("GET", "/metrics", scrape)
