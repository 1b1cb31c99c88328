"""/metrics of a worker that was started apart, on METRICS_PORT."""

import logging

from prometheus_client import start_http_server

from app.runtime.metrics.collecting import counters

_log = logging.getLogger(__name__)


def serve_metrics(host: str, port: int) -> None:
    """In a thread of its own. The worker goes on without if the port is taken."""
    try:
        start_http_server(port, addr=host, registry=counters())
    except OSError as error:
        _log.error("no metrics on %s:%d: %s", host, port, error.strerror)
