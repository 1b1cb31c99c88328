"""/metrics for Prometheus: what this process counted, and what the ledger says when it is asked.

With several web processes set PROMETHEUS_MULTIPROC_DIR to an empty directory before they start, so
that whichever is asked answers for all of them. Nothing here names a tenant.
"""

import os
from collections.abc import Iterator

from flask import Flask, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from app.domain.common.clock import now_ms
from app.queries import health
from app.runtime.metrics import REGISTRY


class LedgerCollector(Collector):
    """Asks the ledger at each scrape, with queries whose cost does not grow with it."""

    def collect(self) -> Iterator[Metric]:
        now = now_ms()
        try:
            backlog, seen = health.backlog(now), health.worker_seen_at()
        except SQLAlchemyError:
            yield _gauge("callboard_database_up", "Whether the database answers.", 0)
            return
        yield _gauge("callboard_database_up", "Whether the database answers.", 1)
        yield _gauge(
            "callboard_due_deliveries",
            f"Deliveries due now and not claimed, counted to {health.BACKLOG_COUNTED}.",
            backlog.count,
        )
        yield _gauge(
            "callboard_due_oldest_seconds",
            "For how long the oldest of them has been due.",
            backlog.oldest_age_ms / 1000,
        )
        if seen is not None:
            yield _gauge(
                "callboard_worker_seen_seconds",
                "Since a delivery worker was last seen.",
                max(0, now - seen) / 1000,
            )


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, value=value)


def _scrape() -> Response:
    ledger = CollectorRegistry()
    ledger.register(LedgerCollector())
    counted = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    body = generate_latest(counted) + generate_latest(ledger)
    return Response(body, content_type=CONTENT_TYPE_LATEST)


def register(app: Flask) -> None:
    app.add_url_rule("/metrics", "metrics", _scrape)
