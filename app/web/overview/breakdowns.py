"""Break attempts down by response and event type, and failed deliveries by failure reason."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for

from app.domain.deliveries.causes import CAUSES
from app.queries.statistics.counters import Figures
from app.queries.statistics.overview import Failed

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Row:
    """url: the list of exactly these deliveries, or "". percent: of the largest row.
    failed_percent: the failed part of `percent`. tone: colour of the bar. note: shown next to the
    number."""

    words: str
    number: int
    url: str
    percent: float
    tone: str = "plain"
    failed_percent: float = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """unit: what is counted. empty: shown without rows. more: rows that are not shown."""

    title: str
    unit: str
    empty: str
    rows: list[Row]
    more: int


def breakdowns(
    figures: Figures, failed: Failed, since: str, webhook_id: str | None = None
) -> list[Breakdown]:
    """since: the start of the time range, as a filter of the list."""
    return [_responses(figures), _causes(failed, since, webhook_id), _types(figures)]


def _responses(figures: Figures) -> Breakdown:
    """Without links: a delivery makes several attempts, so no list has as many rows."""
    statuses = figures.named("status")
    rows = [Row(status, n, "", percent, _tone(status)) for status, n, percent in _shown(statuses)]
    empty = "No responses in this time range."
    return Breakdown("Responses", "attempts by status code", empty, rows, len(statuses) - SHOWN)


def _causes(failed: Failed, since: str, webhook_id: str | None) -> Breakdown:
    """Of deliveries, so that each list has exactly the number."""
    rows = [
        Row(
            CAUSES[cause].title if cause in CAUSES else cause or "Unknown",
            n,
            url_for(
                "deliveries.index", state="failed", cause=cause, since=since, webhook_id=webhook_id
            )
            if cause
            else "",
            percent,
            "failed",
        )
        for cause, n, percent in _shown(failed.causes)
    ]
    unit = "the newest failed deliveries" if failed.capped else "failed deliveries"
    empty = "No failed deliveries in this time range."
    return Breakdown("Failure reasons", unit, empty, rows, len(failed.causes) - SHOWN)


def _types(figures: Figures) -> Breakdown:
    types, failures = figures.named("type"), dict(figures.named("failed_type"))
    rows = [
        Row(
            name,
            n,
            "",
            percent,
            "succeeded",
            round(percent * failures.get(name, 0) / n, 1),
            f"{failures[name]} failed" if name in failures else "",
        )
        for name, n, percent in _shown(types)
    ]
    empty = "No attempts in this time range."
    return Breakdown("Event types", "attempts, and failed ones", empty, rows, len(types) - SHOWN)


def _shown(totals: list[tuple[str, int]]) -> Iterable[tuple[str, int, float]]:
    """(name, number, percent of the largest)"""
    largest = totals[0][1] if totals else 1
    for name, number in totals[:SHOWN]:
        yield name, number, round(max(number / largest * 100, 0.5), 1)


def _tone(status: str) -> str:
    return {"2": "succeeded", "4": "failed", "5": "failed"}.get(status[:1], "plain")
