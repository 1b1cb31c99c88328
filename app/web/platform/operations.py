"""How the installation runs: workers, due queue, wake-up channel, database, settings."""

import redis
from flask import render_template

from app.domain.common.clock import now_ms
from app.domain.common.version import VERSION
from app.engine.identity import own_name
from app.models import Worker
from app.models.common.base import db
from app.queries import health
from app.queries.maintenance import consistency, installation, operations, slow_statements
from app.runtime.configuration.origins import origins
from app.runtime.context import runtime
from app.runtime.metrics.worker_rates import WorkerRates
from app.web.platform import pages
from app.web.platform.access import platform_owner_required

blueprint = pages.blueprint

# After this long without a heartbeat a worker's claims are due again.
SILENT_MS = 15_000
# Of this process: a rate needs two looks.
_rates = WorkerRates()


@blueprint.get("/operations")
@platform_owner_required
def operations_page() -> str:
    now = now_ms()
    workers = operations.workers()
    return render_template(
        "platform/operations.html",
        version=VERSION,
        workers=workers,
        rates={row.worker.id: _rate(row.worker, now) for row in workers},
        slowest=slow_statements.slowest(),
        silent_before=now - SILENT_MS,
        backlog=health.backlog(now),
        counted=health.BACKLOG_COUNTED,
        largest=operations.backlog_by_webhook(now),
        wakes_up=_reaches_redis(),
        database=db.engine.dialect.name,
        schema=installation.schema_revision(),
        size=consistency.database_bytes(),
        settings=origins(runtime().settings),
    )


def _rate(worker: Worker, now: int) -> float | None:
    """Delivered a minute. None: the worker runs on another machine, or publishes no counters."""
    *machine, pid, _ = worker.name.split(" ") if worker.name.count(" ") == 3 else ("", "", "")
    if machine != own_name().split(" ")[:2] or not pid.isdigit():
        return None
    return _rates.per_minute(int(pid), (now - worker.started_at) / 1000)


def _reaches_redis() -> bool:
    try:
        runtime().redis.ping()
    except (redis.RedisError, OSError):
        return False
    return True
