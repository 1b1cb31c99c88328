"""Break attempts down by response and event type, and failed deliveries by failure reason."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for

from app.domain.deliveries.causes import CAUSES
from app.queries.statistics.counters import Figures
from app.queries.statistics.overview import Failed
from app.web.attempts.filters import counted_url
from app.web.overview.orders import Head, Orders, Total

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Row:
    """url: the list of exactly these deliveries or attempts, or "". percent: of the largest row.
    failed_percent: the failed part of `percent`. tone: colour of the bar. failed: how many of
    `number`; failed_url: their list."""

    words: str
    number: int
    url: str
    percent: float
    tone: str = "plain"
    failed_percent: float = 0
    failed: int = 0
    failed_url: str = ""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """unit: what is counted. empty: shown without rows. more: rows that are not shown. heads:
    titles of the columns."""

    title: str
    unit: str
    empty: str
    rows: list[Row]
    more: int
    heads: tuple[Head, ...]


def breakdowns(
    figures: Figures, failed: Failed, since: str, orders: Orders, webhook_id: str | None = None
) -> list[Breakdown]:
    """since: the start of the time range, as a filter of the list."""
    return [
        _responses(figures, since, orders, webhook_id),
        _causes(failed, since, orders, webhook_id),
        _types(figures, since, orders, webhook_id),
    ]


def _responses(
    figures: Figures, since: str, orders: Orders, webhook_id: str | None = None
) -> Breakdown:
    totals = [Total(status, n) for status, n in figures.named("status")]
    rows = [
        Row(
            total.words,
            total.number,
            counted_url(since, webhook_id, status=total.words),
            percent,
            _tone(total.words),
        )
        for total, percent in _shown(orders.sorted("responses", totals))
    ]
    empty = "No responses in this time range."
    heads = orders.heads("responses", ("Status", "Attempts"))
    more = len(totals) - SHOWN
    return Breakdown("Responses", "attempts by status code", empty, rows, more, heads)


def _causes(failed: Failed, since: str, orders: Orders, webhook_id: str | None = None) -> Breakdown:
    """Of deliveries, so that each list has exactly the number."""
    totals = [
        Total(CAUSES[cause].title if cause in CAUSES else cause or "Unknown", n, key=cause)
        for cause, n in failed.causes
    ]
    rows = [
        Row(
            total.words,
            total.number,
            _failed_url(total.key, since, webhook_id) if total.key else "",
            percent,
            "failed",
        )
        for total, percent in _shown(orders.sorted("reasons", totals))
    ]
    unit = "the newest failed deliveries" if failed.capped else "failed deliveries"
    empty = "No failed deliveries in this time range."
    heads = orders.heads("reasons", ("Reason", "Deliveries"))
    return Breakdown("Failure reasons", unit, empty, rows, len(totals) - SHOWN, heads)


def _failed_url(cause: str, since: str, webhook_id: str | None) -> str:
    return url_for(
        "deliveries.index", state="failed", cause=cause, since=since, webhook_id=webhook_id
    )


def _types(
    figures: Figures, since: str, orders: Orders, webhook_id: str | None = None
) -> Breakdown:
    failures = dict(figures.named("failed_type"))
    totals = [Total(name, n, failures.get(name, 0)) for name, n in figures.named("type")]
    rows = [
        Row(
            total.words,
            total.number,
            counted_url(since, webhook_id, event_type=total.words),
            percent,
            "succeeded",
            round(percent * total.failed / total.number, 1),
            total.failed,
            counted_url(since, webhook_id, event_type=total.words, outcome="failed"),
        )
        for total, percent in _shown(orders.sorted("types", totals))
    ]
    empty = "No attempts in this time range."
    heads = orders.heads("types", ("Type", "Attempts", "Failed"))
    more = len(totals) - SHOWN
    return Breakdown("Event types", "attempts, and failed ones", empty, rows, more, heads)


def _shown(totals: list[Total]) -> Iterable[tuple[Total, float]]:
    """With the percent of the largest."""
    largest = max((total.number for total in totals), default=1)
    for total in totals[:SHOWN]:
        yield total, round(max(total.number / largest * 100, 0.5), 1)


def _tone(status: str) -> str:
    return {"2": "succeeded", "4": "failed", "5": "failed"}.get(status[:1], "plain")
