"""Charts as they are drawn: places in percent across and in pixels down, and words for each bar."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import url_for

from app.domain.deliveries.spans import DAY, HOUR, RANGES, Window, window
from app.queries.statistics.counters import Figures
from app.web.common.formats import number

DEFAULT_RANGE = "24h"
# From the failures up: what is looked for stands on the axis, where heights compare best.
STACK = ("failed", "retrying", "succeeded")
WORDS = {"succeeded": "succeeded", "retrying": "tried again", "failed": "failed"}
HEIGHT, TOP = 176, 10
# A single failure among thousands still shows.
LEAST = 2.0
SPARK_HEIGHT = 22
_BAR_SHARE = 0.78


@dataclass(frozen=True, slots=True)
class Segment:
    state: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """x, width: percent. start, end: milliseconds, end excluded. values: by state, not nothing.
    url: the deliveries that were accepted then."""

    x: float
    width: float
    slot: float
    start: int
    end: int
    segments: tuple[Segment, ...]
    values: tuple[tuple[str, int], ...]
    url: str

    @property
    def since(self) -> str:
        return minute(self.start)

    @property
    def until(self) -> str:
        return minute(self.end)

    @property
    def words(self) -> str:
        parts = [f"{number(n)} {WORDS[state]}" for state, n in self.values]
        return ", ".join(parts) or "nothing happened"


@dataclass(frozen=True, slots=True)
class Chart:
    """ticks: (pixels down, words) of the lines across. labels: (percent, milliseconds) below.
    unit: `time` or `day`, as the labels and the bars are named."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    labels: tuple[tuple[float, int], ...]
    unit: str
    list_url: str
    totals: dict[str, int]

    @property
    def is_empty(self) -> bool:
        return not any(self.totals.values())

    @property
    def rows(self) -> list[Bar]:
        """Bars in which something happened, the newest first."""
        return [bar for bar in reversed(self.bars) if bar.values]


def asked_range(name: str | None) -> str:
    """A range that there is."""
    return name if name in RANGES else DEFAULT_RANGE


def chart(figures: Figures, webhook_id: str | None = None) -> Chart:
    found = figures.window
    tallest = max(map(sum, zip(*figures.series.values(), strict=True)), default=0)
    step = tick_step(tallest)
    top = max(step * -(-tallest // step), step)
    scale = (HEIGHT - TOP) / top
    return Chart(
        bars=tuple(_bars(figures, scale, webhook_id)),
        ticks=tuple((HEIGHT - n * scale, short(n)) for n in range(0, top + 1, step)),
        labels=tuple(_labels(found)),
        unit="day" if found.step >= HOUR else "time",
        list_url=url_for("deliveries.index", webhook_id=webhook_id),
        totals={state: sum(figures.series[state]) for state in reversed(STACK)},
    )


def _bars(figures: Figures, scale: float, webhook_id: str | None) -> Iterator[Bar]:
    slot = 100 / len(figures.window)
    for place, (start, end) in enumerate(figures.window.bars()):
        values = {state: figures.series[state][place] for state in STACK}
        yield Bar(
            x=round(place * slot + slot * (1 - _BAR_SHARE) / 2, 3),
            width=round(slot * _BAR_SHARE, 3),
            slot=round(slot, 3),
            start=start,
            end=end,
            segments=tuple(_stacked(values, scale, HEIGHT)),
            values=tuple((state, values[state]) for state in reversed(STACK) if values[state]),
            url=url_for(
                "deliveries.index", webhook_id=webhook_id, since=minute(start), until=minute(end)
            ),
        )


def _stacked(values: dict[str, int], scale: float, floor: float) -> Iterator[Segment]:
    for state in STACK:
        if values[state]:
            height = max(values[state] * scale, LEAST)
            floor -= height
            yield Segment(state, round(floor, 1), round(height, 1))


def spark(figures: Figures) -> list[tuple[int, Segment]]:
    """(place, segment) of the small chart of a row: what failed, under what did not."""
    series = figures.series
    merged = [
        {"failed": failed + retrying, "retrying": 0, "succeeded": succeeded}
        for failed, retrying, succeeded in zip(*(series[state] for state in STACK), strict=True)
    ]
    tallest = max((sum(values.values()) for values in merged), default=0)
    scale = (SPARK_HEIGHT - LEAST) / max(tallest, 1)
    return [
        (place, segment)
        for place, values in enumerate(merged)
        for segment in _stacked(values, scale, SPARK_HEIGHT)
    ]


def tick_step(tallest: int) -> int:
    """1, 2 or 5 times a power of ten, so that there are two to four lines above the axis."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if tallest <= 4 * step:
                return step
        size *= 10


def short(count: int) -> str:
    """`950`, `12k`, `1.5M`."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:g}{unit}"
    return str(count)


def minute(ms: int) -> str:
    """As the list's filter takes it: `2026-02-24T11:52`, in UTC."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M}"


def _labels(found: Window) -> Iterator[tuple[float, int]]:
    """About six, at whole hours or days, none cut off at an edge."""
    seconds = (found.end - found.start) // 1000
    every = next(e for e in (600, 4 * HOUR, DAY, 5 * DAY) if seconds <= 8 * e)
    width, slot = found.end - found.start, found.step * 1000
    for start, _ in found.bars():
        place = (start - found.start + slot / 2) / width * 100
        if start % (every * 1000) == 0 and 3 <= place <= 97:
            yield round(place, 2), start


def panel(
    figures_of: Callable[[Window], Figures], name: str, now: int, webhook_id: str | None = None
) -> dict[str, object]:
    """What the templates of charts and their figures take."""
    found = figures_of(window(name, now))
    return {"figures": found, "chart": chart(found, webhook_id), "range": name}
