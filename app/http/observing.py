"""Count each request, and log it: one histogram and one line for APIs and pages alike."""

import re

from app.domain.common.random_bits import random_64_bits
from app.http.tracing import RequestSpan
from app.runtime.logs import wide
from app.runtime.metrics.requests import METHODS, OTHER, observe_request

REQUEST_ID = "X-Request-Id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
# Asked for by machines: logged at the level debug only.
_PROBES = frozenset(
    {
        *("/healthz", "/livez", "/readyz", "/metrics"),
        *("/static/<path:filename>", "/assets/<stem>-<digest>.<ending>"),
    }
)


def request_id_of(own: str | None) -> str:
    """The client's own where it is plain, otherwise a new one."""
    return own if own and _REQUEST_ID.fullmatch(own) else f"{random_64_bits():016x}"


def finished(
    method: str,
    route: str,
    status: int,
    seconds: float,
    *,
    request_id: str,
    organization_id: str | None = None,
    api_key_id: str | None = None,
    client: str | None = None,
    size: int | None = None,
    span: RequestSpan | None = None,
) -> None:
    """route: as it is declared, never the path, which may hold a credential. size: of the
    response's body in bytes. span: None while traces are off."""
    observe_request(method, route, status, seconds)
    failed, is_probe = status >= 500, route in _PROBES
    if span is not None and not is_probe:
        more = {"request_id": request_id, "organization_id": organization_id or None}
        named = {f"callboard.{name}": value for name, value in more.items()}
        span.end(method if method in METHODS else OTHER, route, status, seconds, named)
    if wide.requests.admits(failed=failed, is_probe=is_probe):
        fields = {
            "request_id": request_id,
            "method": method if method in METHODS else OTHER,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 2),
            "organization_id": organization_id or None,
            "api_key_id": api_key_id,
            "client": client,
            "bytes": size,
        }
        wide.requests.write(fields, failed=failed, is_probe=is_probe)
