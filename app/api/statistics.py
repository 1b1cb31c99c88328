"""/api/v1/statistics: the figures of the overview, and of one webhook."""

from app.api.common.routes import PREFIX, ApiRoute
from app.api.schemas import statistics as schemas
from app.domain.common.clock import iso, now_ms
from app.domain.common.errors import NotFound
from app.domain.deliveries.spans import RANGES, window
from app.http.messages import Request, Response
from app.http.parameters import choices, identifier
from app.queries import webhooks as webhook_queries
from app.queries.statistics import counters
from app.queries.statistics import overview as overview_queries
from app.queries.statistics.counters import Figures
from app.queries.statistics.overview import Failed

RANGE = choices("range", list(RANGES), "The time until now.", ("24h",), many=False)
WEBHOOK = identifier("webhook_id", "Only this webhook.")
# Percentiles of response times.
SHARES = (0.5, 0.95, 0.99)


def show(request: Request) -> Response:
    organization_id, webhook_id = request.organization_id, request.query["webhook_id"]
    if webhook_id is not None and webhook_queries.get_any(organization_id, webhook_id) is None:
        raise NotFound
    span = window(request.query["range"][0], now_ms())
    figures = counters.figures(organization_id, span, webhook_id, with_times=True)
    failed = overview_queries.failed_deliveries(organization_id, span.start, webhook_id)
    return Response(200, _document(figures, failed, has_events=webhook_id is None))


def _document(figures: Figures, failed: Failed, *, has_events: bool) -> schemas.Statistics:
    failed_types = dict(figures.named("failed_type"))
    return schemas.Statistics(
        since=iso(figures.window.start),
        until=iso(figures.window.end),
        step_seconds=figures.window.step,
        events=figures.of("events") if has_events else None,
        deliveries=figures.of("deliveries"),
        attempts=figures.attempts,
        succeeded=figures.of("succeeded"),
        retrying=figures.of("retrying"),
        failed=figures.of("failed"),
        success_rate=figures.success_rate,
        failure_rate=figures.failure_rate,
        response_ms=schemas.ResponseTimes(*(figures.response_ms(s) for s in SHARES)),
        status_codes=[schemas.StatusCount(int(code), n) for code, n in figures.named("status")],
        event_types=[
            schemas.EventTypeCount(name, n, failed_types.get(name, 0))
            for name, n in figures.named("type")
        ],
        causes=[schemas.CauseCount(cause, n) for cause, n in failed.causes],
        series=_series(figures),
        is_complete=not (figures.behind or failed.capped),
    )


def _series(figures: Figures) -> list[schemas.Bar]:
    times = zip(*(figures.response_times(share) for share in SHARES), strict=True)
    bars = zip(figures.window.bars(), figures.success_rates, times, strict=True)
    return [
        schemas.Bar(
            start=iso(start),
            **{name: figures.series[name][index] for name in counters.SERIES},
            success_rate=rate,
            response_ms=schemas.ResponseTimes(*percentiles),
        )
        for index, ((start, _), rate, percentiles) in enumerate(bars)
    ]


ROUTES = (
    ApiRoute(
        "GET",
        f"{PREFIX}/statistics",
        show,
        "deliveries:read",
        operation="getStatistics",
        summary="Get the figures of a time range, as the overview shows them",
        tag="Statistics",
        responses={200: schemas.Statistics},
        query=(RANGE, WEBHOOK),
    ),
)
