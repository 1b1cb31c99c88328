"""What attempts came to, and what they were of: the most frequent first, each a link."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import url_for

from app.domain.deliveries.causes import CAUSES, OK
from app.queries.statistics.counters import Figures

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Row:
    """percent: of the largest. failed_percent: the part of it that failed. tone: of the bar."""

    words: str
    number: int
    url: str
    percent: float
    tone: str = "plain"
    failed_percent: float = 0
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """more: kinds that are not shown."""

    title: str
    what: str
    none_yet: str
    rows: list[Row]
    more: int


Link = Callable[..., str]


def breakdowns(figures: Figures, range_: str, webhook_id: str | None = None) -> list[Breakdown]:
    def link(**narrowed: str) -> str:
        return url_for("deliveries.index", range=range_, webhook_id=webhook_id, **narrowed)

    return [_answers(figures, link), _causes(figures, link), _types(figures, link)]


def _answers(figures: Figures, link: Link) -> Breakdown:
    statuses = figures.named("status")
    rows = [
        Row(status, n, link(status=status), percent, _tone(status))
        for status, n, percent in _shown(statuses)
    ]
    none_yet = "No receiver answered in this time."
    return Breakdown("Answers", "attempts by status", none_yet, rows, len(statuses) - SHOWN)


def _causes(figures: Figures, link: Link) -> Breakdown:
    causes = [(name, n) for name, n in figures.named("cause") if name != OK]
    rows = [
        Row(_title(cause), n, link(cause=cause), percent, "failed")
        for cause, n, percent in _shown(causes)
    ]
    none_yet = "No attempt failed in this time."
    return Breakdown("Causes", "attempts that failed", none_yet, rows, len(causes) - SHOWN)


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
    what, none_yet = "attempts, and how many failed", "Nothing was sent in this time."
    return Breakdown("Event types", what, none_yet, rows, len(types) - SHOWN)


def _shown(found: list[tuple[str, int]]) -> Iterable[tuple[str, int, float]]:
    largest = found[0][1] if found else 1
    for name, number in found[:SHOWN]:
        yield name, number, round(max(number / largest * 100, 0.5), 1)


def _tone(status: str) -> str:
    return {"2": "succeeded", "4": "failed", "5": "failed"}.get(status[:1], "plain")


def _title(cause: str) -> str:
    return CAUSES[cause].title if cause in CAUSES else cause
