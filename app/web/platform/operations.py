"""How the installation runs: workers, due queue, wake-up channel, database, settings."""

import redis
from flask import render_template

from app.domain.common.clock import now_ms
from app.domain.common.version import VERSION
from app.models.common.base import db
from app.queries import health
from app.queries.maintenance import consistency, installation, operations
from app.runtime.configuration.origins import origins
from app.runtime.context import runtime
from app.web.platform import pages
from app.web.platform.access import platform_owner_required

blueprint = pages.blueprint

# After this long without a heartbeat a worker's claims are due again.
SILENT_MS = 15_000


@blueprint.get("/operations")
@platform_owner_required
def operations_page() -> str:
    now = now_ms()
    return render_template(
        "platform/operations.html",
        version=VERSION,
        workers=operations.workers(),
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


def _reaches_redis() -> bool:
    try:
        runtime().redis.ping()
    except (redis.RedisError, OSError):
        return False
    return True
