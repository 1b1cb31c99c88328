"""/healthz: this process answers. /readyz: what it needs answers too."""

import redis
from sqlalchemy.exc import SQLAlchemyError

from app import __version__
from app.api.routes import ApiRoute
from app.api.schemas.accounts import Check, Healthy, Ready
from app.domain.common.clock import now_ms
from app.http.messages import Request, Response
from app.queries import health
from app.runtime.context import runtime

# What a worker that is silent for this long had claimed is due again.
WORKER_SILENT_MS = 15_000


def healthz(_: Request) -> Response:
    return Response(200, Healthy("ok", __version__))


def readyz(_: Request) -> Response:
    checks = {"database": _database(), "redis": _redis(), "worker": _worker()}
    missing = [name for name, check in checks.items() if not check.ok]
    return Response(503 if missing else 200, Ready(not missing, missing, checks))


def _database() -> Check:
    try:
        health.answers()
    except SQLAlchemyError:
        return Check(False, "The database does not answer.")
    return Check(True, "The database answers.")


def _worker() -> Check:
    try:
        seen = health.worker_seen_at()
    except SQLAlchemyError:
        return Check(False, "Not known, as the database does not answer.")
    if seen is None:
        return Check(False, "No delivery worker is running.")
    silent = max(0, now_ms() - seen)
    return Check(silent <= WORKER_SILENT_MS, f"A delivery worker was seen {silent // 1000} s ago.")


def _redis() -> Check:
    try:
        runtime().redis.ping()
    except (redis.RedisError, OSError):
        return Check(False, "Redis does not answer; deliveries go on, a second later than with it.")
    return Check(True, "Redis answers.")


ROUTES = (
    ApiRoute(
        "GET",
        "/healthz",
        healthz,
        summary="Whether this process answers",
        tag="Health",
        responses={200: Healthy},
    ),
    ApiRoute(
        "GET",
        "/readyz",
        readyz,
        summary="Whether the database, Redis and a worker answer",
        tag="Health",
        responses={200: Ready, 503: Ready},
    ),
)
