"""Count requests and events of this process, for /metrics. No label names a tenant.

The registry is a module's own and no part of `Runtime`: prometheus_client keeps one file of values
per process, whichever application counts, so two registries in a process would count twice.
"""

from prometheus_client import CollectorRegistry, Counter, disable_created_metrics

# They double the number of series and say only when the process was started.
disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY = CollectorRegistry()
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# The route label of unknown paths.
OTHER = "other"

_requests = Counter(
    "callboard_api_requests_total",
    "Requests to the API and the dialects, by method, route and status.",
    ["method", "route", "status"],
    registry=REGISTRY,
)
_events = Counter("callboard_events_accepted_total", "Events accepted.", registry=REGISTRY)
_deliveries = Counter(
    "callboard_deliveries_made_total", "Deliveries created for accepted events.", registry=REGISTRY
)
# `labels()` is slow: called once per combination.
_children: dict[tuple[str, str, int], Counter] = {}


def count_request(method: str, route: str, status: int) -> None:
    key = (method if method in METHODS else OTHER, route, status)
    child = _children.get(key)
    if child is None:
        child = _children[key] = _requests.labels(key[0], route, str(status))
    child.inc()


def count_events(events: int, deliveries: int) -> None:
    _events.inc(events)
    if deliveries:
        _deliveries.inc(deliveries)
