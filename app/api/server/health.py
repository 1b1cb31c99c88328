"""/livez, /healthz: this process responds. /readyz: it can accept events; without Redis or a worker
it is degraded, but taking it out of a load balancer would only lose more."""

import redis
from sqlalchemy.exc import SQLAlchemyError

from app import __version__
from app.api.common.routes import ApiRoute
from app.api.schemas.accounts import Check, Healthy, Ready
from app.domain.common.clock import now_ms
from app.http.messages import Request, Response
from app.queries import health
from app.runtime.context import runtime
from app.services.maintenance import secret_key

# After this long without a heartbeat a worker's claims are due again.
WORKER_SILENT_MS = 15_000
# Without these no event can be accepted.
REQUIRED = frozenset({"database", "secret_key"})


def healthz(_: Request) -> Response:
    return Response(200, Healthy("ok", __version__))


def readyz(_: Request) -> Response:
    checks = {"database": _database()}
    if checks["database"].ok:
        checks["secret_key"] = _secret_key()
    checks |= {"redis": _redis(), "worker": _worker()}
    missing = [name for name, check in checks.items() if not check.ok]
    if REQUIRED & set(missing):
        return Response(503, Ready(False, "unavailable", missing, checks))
    return Response(200, Ready(True, "degraded" if missing else "ready", missing, checks))


def _database() -> Check:
    try:
        health.is_reachable()
        health.worker_seen_at()
    except SQLAlchemyError:
        return Check(False, "Database unavailable, or without its tables.")
    return Check(True, "The database responds.")


def _secret_key() -> Check:
    try:
        secret_key.check()
    except secret_key.WrongSecretKey as error:
        return Check(False, error.detail)
    except SQLAlchemyError:
        return Check(False, "Unknown, because the database is unavailable.")
    return Check(True, "SECRET_KEY matches the database.")


def _worker() -> Check:
    try:
        seen = health.worker_seen_at()
    except SQLAlchemyError:
        return Check(False, "Unknown, because the database is unavailable.")
    if seen is None:
        return Check(False, "No delivery worker is running.")
    silent = max(0, now_ms() - seen)
    return Check(silent <= WORKER_SILENT_MS, f"Last heartbeat {silent // 1000} s ago.")


def _redis() -> Check:
    try:
        runtime().redis.ping()
    except (redis.RedisError, OSError):
        return Check(False, "Redis unavailable; workers poll the database once a second.")
    return Check(True, "Redis responds.")


ROUTES = (
    *(
        ApiRoute(
            "GET",
            path,
            healthz,
            operation=operation,
            summary="Check that this process responds",
            tag="Health",
            responses={200: Healthy},
            on_loop=True,
        )
        for path, operation in (("/healthz", "getHealth"), ("/livez", "getLiveness"))
    ),
    ApiRoute(
        "GET",
        "/readyz",
        readyz,
        operation="getReadiness",
        summary="Check that events can be accepted, and what else is missing",
        tag="Health",
        responses={200: Ready, 503: Ready},
    ),
)
