"""Count requests and events of this process, for /metrics. No label names a tenant.

The registry is a module's own and no part of `Runtime`: prometheus_client keeps one file of values
per process, whichever application counts, so two registries in a process would count twice.
"""

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

# They double the number of series and say only when the process was started.
disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY = CollectorRegistry()
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# The route label of unknown paths.
OTHER = "other"

# Few, because each route and status has all of them.
REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)

_requests = Histogram(
    "callboard_http_request_duration_seconds",
    "From the end of a request to the beginning of its response, by method, route and status.",
    ["method", "route", "status"],
    buckets=REQUEST_SECONDS,
    registry=REGISTRY,
)
_events = Counter("callboard_events_accepted_total", "Events accepted.", registry=REGISTRY)
_deliveries = Counter(
    "callboard_deliveries_made_total", "Deliveries created for accepted events.", registry=REGISTRY
)
# `labels()` is slow: called once per combination.
_children: dict[tuple[str, str, int], Histogram] = {}


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """route: one of those that are declared, or OTHER."""
    key = (method if method in METHODS else OTHER, route, status)
    child = _children.get(key)
    if child is None:
        child = _children[key] = _requests.labels(key[0], route, str(status))
    child.observe(seconds)


def count_events(events: int, deliveries: int) -> None:
    _events.inc(events)
    if deliveries:
        _deliveries.inc(deliveries)
