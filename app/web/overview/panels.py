"""The figures of a time range with their charts and breakdowns: of the overview, or a webhook."""

from dataclasses import dataclass

from app.domain.deliveries.spans import RANGES, day_before, window
from app.queries.statistics import counters
from app.queries.statistics import overview as overview_queries
from app.queries.statistics.counters import Figures
from app.queries.statistics.overview import Failed
from app.web.attempts.filters import counted_url
from app.web.overview import lines
from app.web.overview.breakdowns import Breakdown, breakdowns
from app.web.overview.charts import Chart, chart, known_range, minute
from app.web.overview.differences import Differences
from app.web.overview.orders import Orders


@dataclass(frozen=True, slots=True)
class Panel:
    """The figures and the charts of a page. range: the name of the time range. failed: the
    deliveries created in it that have failed. since: its start, as a filter of the list. params:
    of the page's URL. problems: what of it cannot be read."""

    figures: Figures
    failed: Failed
    since: str
    chart: Chart
    lines: list[lines.LineChart]
    differences: Differences
    range: str
    breakdowns: list[Breakdown]
    params: dict[str, str]
    problems: list[str]
    webhook_id: str | None

    def attempts_url(self, **filters: str) -> str:
        """The list of the attempts of the time range."""
        return counted_url(self.since, self.webhook_id, **filters)


def panel(
    organization_id: str, range_name: str | None, now: int, webhook_id: str | None = None
) -> Panel:
    """range_name: as in the URL."""
    range_ = known_range(range_name)
    span = window(range_, now)
    earlier = day_before(span)
    figures = counters.figures(organization_id, span, webhook_id, with_times=True)
    before = counters.figures(organization_id, earlier, webhook_id, with_times=True)
    failed = overview_queries.failed_deliveries(organization_id, span.start, webhook_id)
    failed_before = overview_queries.failed_deliveries(
        organization_id, earlier.start, webhook_id, earlier.end
    )
    since, orders = minute(span.start), Orders.of_url(webhook_id)
    is_unknown = range_name not in (None, "", *RANGES)
    unknown = f"Unknown time range. Use {', '.join(RANGES)}." if is_unknown else ""
    return Panel(
        figures=figures,
        failed=failed,
        since=since,
        chart=chart(figures, webhook_id),
        lines=lines.line_charts(figures, before),
        differences=Differences(figures, before, (failed, failed_before)),
        range=range_,
        breakdowns=breakdowns(figures, failed, since, orders, webhook_id),
        params=orders.params,
        problems=[problem for problem in (unknown, orders.problem) if problem],
        webhook_id=webhook_id,
    )
