"""The first page: what is wrong now, then how it went."""

from functools import partial

from flask import Blueprint, render_template, request

from app.domain.common.clock import now_ms
from app.domain.deliveries.causes import CAUSES
from app.queries import health
from app.queries.deliveries.listing import DeliveryFilter
from app.queries.deliveries.listing import page as deliveries_page
from app.queries.statistics import counters, overview
from app.runtime.context import runtime
from app.web.common import auth
from app.web.overview import breakdowns, charts

blueprint = Blueprint("overview", __name__)

# Due for longer than this with nobody taking it, milliseconds: something is wrong.
LATE = 30_000
WORKER_SILENT = 15_000


@blueprint.get("/")
@auth.permission_required("deliveries:read")
def show() -> str:
    organization_id = auth.organization_id()
    now = now_ms()
    waiting = overview.waiting(organization_id, now)
    seen = health.worker_seen_at()
    name = charts.asked_range(request.args.get("range"))
    panel = charts.panel(partial(counters.figures, organization_id), name, now)
    return render_template(
        "overview/show.html",
        troubled=overview.troubled(organization_id),
        causes=CAUSES,
        waiting=waiting,
        late=waiting.oldest_at is not None and now - waiting.oldest_at > LATE,
        worker_silent=seen is None or now - seen > WORKER_SILENT,
        worker_seen_at=seen,
        webhooks=overview.webhook_count(organization_id),
        failed=deliveries_page(organization_id, DeliveryFilter(states=("failed",)), 5).rows,
        has_events=overview.has_events(organization_id),
        public_url=runtime().settings.public_url,
        breakdowns=breakdowns.breakdowns(panel["figures"], name),
        **panel,
    )
