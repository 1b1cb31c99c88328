"""The overview: what needs attention now, then the figures of a time range."""

from flask import Blueprint, render_template, request

from app.domain.common.clock import now_ms
from app.models import Organization
from app.queries import health
from app.queries.deliveries import listing as delivery_queries
from app.queries.deliveries.listing import DeliveryFilter
from app.queries.statistics import overview as overview_queries
from app.web.common.access import auth
from app.web.common.damage import damaged_of
from app.web.first_steps.steps import Steps, steps_of
from app.web.overview import panels
from app.web.overview.troubles import attention

blueprint = Blueprint("overview", __name__)

# In milliseconds: a delivery that has waited longer than this counts as a backlog, and a worker
# that was not seen for this long as stopped.
BACKLOG_AGE = 30_000
WORKER_SILENT = 15_000
RECENT_FAILURES = 5


@blueprint.get("/")
@auth.permission_required("deliveries:read")
def show() -> str:
    organization_id = auth.organization_id()
    now, signed_in = now_ms(), auth.current()
    damaged = damaged_of(signed_in.organization) if signed_in is not None else []
    waiting = overview_queries.waiting(organization_id, now)
    seen_at = health.worker_seen_at()
    has_backlog = waiting.oldest_at is not None and now - waiting.oldest_at > BACKLOG_AGE
    is_silent = waiting.due > 0 and (seen_at is None or now - seen_at > WORKER_SILENT)
    failures = delivery_queries.page(
        organization_id, DeliveryFilter(states=("failed",)), RECENT_FAILURES
    )
    return render_template(
        "overview/show.html",
        attention=attention(organization_id, damaged, now, has_general=is_silent or has_backlog),
        waiting=waiting,
        has_backlog=has_backlog,
        worker_silent=is_silent,
        worker_seen_at=seen_at,
        webhooks=overview_queries.webhook_count(organization_id),
        failed=failures.rows,
        steps=_steps(signed_in.organization) if signed_in is not None else None,
        open=overview_queries.open_deliveries(organization_id),
        panel=panels.panel(organization_id, request.args.get("range"), now),
    )


def _steps(organization: Organization) -> Steps | None:
    """None once they are done or hidden."""
    if organization.first_steps_hidden_at is not None:
        return None
    steps = steps_of(organization)
    return None if steps.is_complete else steps
