"""How long transactions take, for Prometheus. They tell of the database's disk."""

from prometheus_client import Histogram

from app.runtime.metrics.requests import REGISTRY

COMMIT_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)

_seconds = Histogram(
    "callboard_commit_seconds",
    "Transactions, commit included: in which a worker records results and claims more, and in which"
    " a web process stores the events of one or more requests.",
    ["process"],
    buckets=COMMIT_SECONDS,
    registry=REGISTRY,
)
by_worker, by_web = _seconds.labels("worker"), _seconds.labels("web")
