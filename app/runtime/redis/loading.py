"""Load redis-py without what it would load beside itself."""

import sys
from importlib import import_module

# redis-py loads OpenTelemetry's metrics wherever the package is, which traces need; nothing here
# uses its metrics.
_UNUSED = "opentelemetry.sdk.metrics"


def load_redis() -> None:
    """Call in each process before the application is loaded: saves sixty modules."""
    if "redis" in sys.modules or _UNUSED in sys.modules:
        return
    sys.modules[_UNUSED] = None  # type: ignore[assignment]  # Python's way to say: not installed
    try:
        import_module("redis")
    finally:
        del sys.modules[_UNUSED]
