"""What the page of issues shows of an issue: its reason, its list, its last day, and choices."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.common.errors import NotFound
from app.domain.deliveries import causes
from app.domain.deliveries.spans import HOUR, Window, start_of
from app.domain.issues.coverage import FAILURE, RESOLVED, TIME, TIMES
from app.queries import issues as issue_queries
from app.queries.accounts import users as user_queries
from app.queries.issues import Issue
from app.queries.statistics.counters import Figures
from app.web.common.access import auth
from app.web.common.rendering.localized import plural
from app.web.overview import charts

HOURS = 24
# {form value: words} for how long an issue is acknowledged.
CHOICES = {
    FAILURE: "another delivery fails",
    RESOLVED: "deliveries succeed again",
    "1h": "1 hour has passed",
    "8h": "8 hours have passed",
    "1d": "1 day has passed",
    "7d": "7 days have passed",
}


@dataclass(frozen=True, slots=True)
class Day:
    """Failed deliveries of an issue in the last 24 hours. spark: of a chart."""

    spark: list[tuple[str, str]]
    number: int

    @property
    def summary(self) -> str:
        if not self.number:
            return "None failed in the last 24 hours"
        return f"{plural(self.number, 'delivery', 'deliveries')} failed in the last 24 hours"


def days(organization_id: str, now: int) -> dict[tuple[str, str, int], Day]:
    """By webhook, failure reason and status."""
    end = start_of(now, HOUR) + HOUR * 1000
    window = Window(end - HOURS * HOUR * 1000, end, HOUR, HOUR)
    rows = issue_queries.by_hour(organization_id, window.start)
    return {key: _day(window, hours) for key, hours in rows.items()}


def _day(window: Window, hours: Mapping[int, int]) -> Day:
    failed = [hours.get(hour, 0) for hour in range(HOURS)]
    figures = Figures(window, {"succeeded": [0] * HOURS, "retrying": [0] * HOURS, "failed": failed})
    return Day(charts.spark(figures), sum(failed))


def key_of(issue: Issue) -> tuple[str, str, int]:
    return issue.webhook.id, issue.cause, issue.status or 0


def owners() -> list[tuple[str, str]]:
    """(user id, email) of the members; visitors of the portal are not told who they are."""
    if auth.current_user() is None:
        return []
    rows = user_queries.members(auth.organization_id())
    return [(row.User.id, row.User.email) for row in rows]


def lasts_of(value: str, now: int) -> tuple[str, int | None]:
    """Of a choice: how long it lasts, and the time, in milliseconds. NotFound: no such choice."""
    if value in TIMES:
        return TIME, now + TIMES[value]
    if value not in {FAILURE, RESOLVED}:
        raise NotFound
    return value, None


def sentence(issue: Issue) -> str:
    """`TLS: certificate expired: it expired on 2 Feb 2026.`"""
    return causes.explain(issue.cause, issue.status, issue.detail)


def filters_of(issue: Issue) -> dict[str, object]:
    """The filters that select this issue in the list of deliveries."""
    return {
        "state": "failed",
        "webhook_id": issue.webhook.id,
        "cause": issue.cause or None,
        "status": issue.status,
    }
