"""Periods that statistics are counted in, and the bars of charts."""

from collections.abc import Iterator
from dataclasses import dataclass

MINUTE, QUARTER, HOUR, DAY = 60, 900, 3_600, 86_400
# How long counters of each period are kept, in seconds: a little longer than the chart that shows
# them. Four periods keep every chart below 169 rows per subject.
KEPT = {MINUTE: 3 * HOUR, QUARTER: 2 * DAY, HOUR: 35 * DAY, DAY: 396 * DAY}


def start_of(ms: int, seconds: int) -> int:
    """Return the start of the period of that many seconds, in milliseconds, UTC."""
    return ms - ms % (seconds * 1000)


@dataclass(frozen=True, slots=True)
class Window:
    """The bars of a chart.

    start, end: milliseconds, end excluded; the last bar is still growing. step: seconds per bar.
    span: the period of the counters behind the bars, in seconds.
    """

    start: int
    end: int
    step: int
    span: int

    def __len__(self) -> int:
        return (self.end - self.start) // (self.step * 1000)

    def bars(self) -> Iterator[tuple[int, int]]:
        """Yield the start and the end of each bar."""
        width = self.step * 1000
        return ((at, at + width) for at in range(self.start, self.end, width))

    def index_of(self, ms: int) -> int | None:
        """Return the bar's index, or None outside the window."""
        index = (ms - self.start) // (self.step * 1000)
        return int(index) if 0 <= index < len(self) else None


# Name: bars, seconds per bar, seconds per counter.
RANGES = {
    "1h": (60, MINUTE, MINUTE),
    "24h": (96, QUARTER, QUARTER),
    "7d": (84, 2 * HOUR, HOUR),
    "30d": (30, DAY, DAY),
}


def window(name: str, now: int) -> Window:
    """Return the window that ends now. Raises KeyError."""
    bars, step, span = RANGES[name]
    end = start_of(now, step) + step * 1000
    return Window(end - bars * step * 1000, end, step, span)


def day_before(range_: Window) -> Window:
    """Return the same window one day earlier. Counters of minutes are not kept as long: instead of
    them it has quarters of an hour, and starts up to 14 minutes earlier."""
    start, end = range_.start - DAY * 1000, range_.end - DAY * 1000
    if range_.span != MINUTE:
        return Window(start, end, range_.step, range_.span)
    first = start_of(start, QUARTER)
    return Window(first, first + end - start, QUARTER, QUARTER)
