"""Lay out charts: x in percent, y in pixels from the top, and words for each bar."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import url_for

from app.domain.deliveries.spans import DAY, HOUR, RANGES, Window
from app.queries.statistics.counters import Figures
from app.web.attempts.filters import OF_STATES, counted_url
from app.web.common.rendering.localized import number, plural

DEFAULT_RANGE = "24h"
# From the axis up: failures come first, since heights compare best on the axis.
STACK = ("failed", "retrying", "succeeded")
WORDS = {"succeeded": "succeeded", "retrying": "retried", "failed": "failed"}
HEIGHT, TOP = 176, 10
# In pixels: a single failure among thousands stays visible.
MIN_HEIGHT = 2.0
SPARK_HEIGHT = 22
# With the space to the next one.
SPARK_BAR = 4
_BAR_SHARE = 0.78


@dataclass(frozen=True, slots=True)
class Segment:
    state: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """x, width, slot: percent. start, end: milliseconds, end excluded. values: (state, number)
    pairs without zeros, of attempts; url: their list. created, created_url: the deliveries created
    in this time.
    success_rate: of ended deliveries, 0 to 1. median, p95: of response times, in milliseconds."""

    x: float
    width: float
    slot: float
    start: int
    end: int
    segments: tuple[Segment, ...]
    values: tuple[tuple[str, int], ...]
    url: str
    created: int
    created_url: str
    success_rate: float | None
    median: float | None
    p95: float | None

    def url_of(self, state: str) -> str:
        """The list of the attempts of one of `values`."""
        return f"{self.url}&outcome={OF_STATES[state]}"

    @property
    def since(self) -> str:
        return minute(self.start)

    @property
    def until(self) -> str:
        return minute(self.end)

    @property
    def words(self) -> str:
        parts = [f"{number(n)} {WORDS[state]}" for state, n in self.values]
        attempts = f"attempts: {', '.join(parts)}" if parts else "no attempts"
        return f"{attempts}; {plural(self.created, 'delivery', 'deliveries')} created"


@dataclass(frozen=True, slots=True)
class Chart:
    """ticks: (y, words) of the horizontal lines. labels: (x, milliseconds) below the axis. unit:
    whether labels show the `time` or the `day`. list_url: of the attempts at any time. urls: lists
    of the attempts that `totals` are."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    labels: tuple[tuple[float, int], ...]
    unit: str
    list_url: str
    totals: dict[str, int]
    urls: dict[str, str]

    @property
    def is_empty(self) -> bool:
        return not self.rows

    @property
    def rows(self) -> list[Bar]:
        """Bars with attempts or deliveries, newest first."""
        return [bar for bar in reversed(self.bars) if bar.values or bar.created]


def known_range(name: str | None) -> str:
    """`name` if it is a range, else the default."""
    return name if name in RANGES else DEFAULT_RANGE


def chart(figures: Figures, webhook_id: str | None = None) -> Chart:
    stacks = zip(*(figures.series[state] for state in STACK), strict=True)
    tallest = max(map(sum, stacks), default=0)
    step = tick_step(tallest)
    top = max(step * -(-tallest // step), step)
    scale = (HEIGHT - TOP) / top
    return Chart(
        bars=tuple(_bars(figures, scale, webhook_id)),
        ticks=tuple((HEIGHT - n * scale, short(n)) for n in range(0, top + 1, step)),
        labels=tuple(_labels(figures.window)),
        unit="day" if figures.window.step >= HOUR else "time",
        list_url=url_for("attempts.index", webhook_id=webhook_id, test="no"),
        totals={state: sum(figures.series[state]) for state in reversed(STACK)},
        urls={
            state: counted_url(minute(figures.window.start), webhook_id, outcome=outcome)
            for state, outcome in OF_STATES.items()
        },
    )


def _bars(figures: Figures, scale: float, webhook_id: str | None) -> Iterator[Bar]:
    slot = 100 / len(figures.window)
    rates = figures.success_rates
    nothing = [None] * len(figures.window)
    medians, slow = (figures.response_times(share) or nothing for share in (0.5, 0.95))
    for index, (start, end) in enumerate(figures.window.bars()):
        values = {state: figures.series[state][index] for state in STACK}
        yield Bar(
            x=round(index * slot + slot * (1 - _BAR_SHARE) / 2, 3),
            width=round(slot * _BAR_SHARE, 3),
            slot=round(slot, 3),
            start=start,
            end=end,
            segments=tuple(_stacked(values, scale, HEIGHT)),
            values=tuple((state, values[state]) for state in reversed(STACK) if values[state]),
            url=counted_url(minute(start), webhook_id, minute(end)),
            created=figures.series["deliveries"][index],
            created_url=url_for(
                "deliveries.index", webhook_id=webhook_id, since=minute(start), until=minute(end)
            ),
            success_rate=rates[index],
            median=medians[index],
            p95=slow[index],
        )


def _stacked(values: dict[str, int], scale: float, floor: float) -> Iterator[Segment]:
    for state in STACK:
        if values[state]:
            height = max(values[state] * scale, MIN_HEIGHT)
            floor -= height
            yield Segment(state, round(floor, 1), round(height, 1))


def spark(figures: Figures) -> list[tuple[str, str]]:
    """(state, path of an SVG) of a small chart: failures at the bottom, successes on top. One path
    for all bars: a list has fifty charts."""
    series = figures.series
    merged = [
        {"failed": failed + retrying, "retrying": 0, "succeeded": succeeded}
        for failed, retrying, succeeded in zip(*(series[state] for state in STACK), strict=True)
    ]
    tallest = max((sum(values.values()) for values in merged), default=0)
    scale = (SPARK_HEIGHT - MIN_HEIGHT) / max(tallest, 1)
    paths: dict[str, str] = {}
    for index, values in enumerate(merged):
        for part in _stacked(values, scale, SPARK_HEIGHT):
            bar = f"M{index * SPARK_BAR} {part.y}h{SPARK_BAR - 1}v{part.height}h-{SPARK_BAR - 1}z"
            paths[part.state] = paths.get(part.state, "") + bar
    return list(paths.items())


def tick_step(tallest: int) -> int:
    """1, 2 or 5 times a power of ten, for two to four lines above the axis."""
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
    """`2026-02-24T11:52` in UTC, as the list's filters accept it."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M}"


def _labels(range_: Window) -> Iterator[tuple[float, int]]:
    """About six, at whole hours or days, not cut off at the edges."""
    seconds = (range_.end - range_.start) // 1000
    interval = next(s for s in (600, 4 * HOUR, DAY, 5 * DAY) if seconds <= 8 * s)
    width, slot = range_.end - range_.start, range_.step * 1000
    for start, _ in range_.bars():
        x = (start - range_.start + slot / 2) / width * 100
        if start % (interval * 1000) == 0 and 3 <= x <= 97:
            yield round(x, 2), start
