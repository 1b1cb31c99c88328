"""Break attempts down by response, failure reason and event type, most frequent first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import url_for

from app.domain.deliveries.causes import CAUSES, OK
from app.queries.statistics.counters import Figures

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Row:
    """percent: of the largest row. failed_percent: the failed part of `percent`. tone: colour of
    the bar. note: shown next to the number."""

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


Link = Callable[..., str]


def breakdowns(figures: Figures, range_: str, webhook_id: str | None = None) -> list[Breakdown]:
    def link(**filters: Any) -> str:
        return url_for("deliveries.index", range=range_, webhook_id=webhook_id, **filters)

    return [_responses(figures, link), _causes(figures, link), _types(figures, link)]


def _responses(figures: Figures, link: Link) -> Breakdown:
    statuses = figures.named("status")
    rows = [
        Row(status, n, link(status=status), percent, _tone(status))
        for status, n, percent in _shown(statuses)
    ]
    empty = "No responses in this time range."
    return Breakdown("Responses", "attempts by status code", empty, rows, len(statuses) - SHOWN)


def _causes(figures: Figures, link: Link) -> Breakdown:
    causes = [(name, n) for name, n in figures.named("cause") if name != OK]
    rows = [
        Row(
            CAUSES[cause].title if cause in CAUSES else cause,
            n,
            link(cause=cause),
            percent,
            "failed",
        )
        for cause, n, percent in _shown(causes)
    ]
    empty = "No failed attempts in this time range."
    return Breakdown("Failure reasons", "failed attempts", empty, rows, len(causes) - SHOWN)


def _types(figures: Figures, link: Link) -> Breakdown:
    types, failed = figures.named("type"), dict(figures.named("failed_type"))
    rows = [
        Row(
            name,
            n,
            link(event_type=name),
            percent,
            "succeeded",
            round(percent * failed.get(name, 0) / n, 1),
            f"{failed[name]} failed" if name in failed else "",
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
