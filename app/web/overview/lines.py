"""Lay out the lines below the bars of a chart: success rate and response time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.queries.statistics.counters import Figures
from app.web.common.rendering.localized import milliseconds, percent

# In units of the drawing, which is stretched to the width of the bars.
WIDTH, HEIGHT, MARGIN = 100, 72, 4
# Where the axis of the success rate may begin: a single percent is seen among 99.
FLOORS = (0.99, 0.95, 0.9, 0.5, 0.0)

Values = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Line:
    """path: of an SVG. style: `main`, `other`, or `before` for the day before."""

    words: str
    path: str
    style: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """ticks: (y, words) of the lowest and the highest value. lines: the day before first, so that
    the others are drawn over it."""

    title: str
    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, str], ...]


def line_charts(figures: Figures, before: Figures) -> list[LineChart]:
    """Without values: no charts."""
    charts = [_success(figures, before), _times(figures, before)]
    return [chart for chart in charts if chart is not None]


def _success(figures: Figures, before: Figures) -> LineChart | None:
    now, then = figures.success_rates, before.success_rates
    values = [value for value in (*now, *then) if value is not None]
    if not any(value is not None for value in now):
        return None
    lowest = next(floor for floor in FLOORS if floor <= min(values))
    return LineChart(
        "Success rate",
        (
            Line("Day before", _path(then, lowest, 1), "before"),
            Line("Success rate", _path(now, lowest, 1), "main"),
        ),
        _ticks(f"{percent(lowest)} %", "100 %"),
    )


def _times(figures: Figures, before: Figures) -> LineChart | None:
    median, slow, then = (
        figures.response_times(0.5),
        figures.response_times(0.95),
        before.response_times(0.5),
    )
    values = [value for value in (*median, *slow, *then) if value is not None]
    if not any(value is not None for value in median):
        return None
    highest = max(values)
    return LineChart(
        "Response time",
        (
            Line("Median, one day earlier", _path(then, 0, highest), "before"),
            Line("p95", _path(slow, 0, highest), "other"),
            Line("Median", _path(median, 0, highest), "main"),
        ),
        _ticks("0", milliseconds(highest)),
    )


def _ticks(lowest: str, highest: str) -> tuple[tuple[float, str], ...]:
    return (HEIGHT - MARGIN, lowest), (MARGIN, highest)


def _path(values: Values, lowest: float, highest: float) -> str:
    """Through the middle of each bar; interrupted where there is no value."""
    return " ".join(_steps(values, lowest, highest))


def _steps(values: Values, lowest: float, highest: float) -> Iterator[str]:
    step = WIDTH / max(len(values), 1)
    scale = (HEIGHT - 2 * MARGIN) / (highest - lowest)
    is_drawn = False
    for index, value in enumerate(values):
        if value is not None:
            x, y = (index + 0.5) * step, HEIGHT - MARGIN - (value - lowest) * scale
            # The short line makes a value without neighbours visible.
            yield f"{'L' if is_drawn else 'M'}{x:.2f} {y:.1f}{'' if is_drawn else 'h.01'}"
        is_drawn = value is not None
