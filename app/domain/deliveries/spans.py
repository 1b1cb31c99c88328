"""How time is cut up for counting, and into the bars of a chart."""

from collections.abc import Iterator
from dataclasses import dataclass

MINUTE, QUARTER, HOUR, DAY = 60, 900, 3_600, 86_400
# How long each is kept, in seconds: a little longer than the chart that is made of it. With four
# of them no chart reads more than 168 of its subject's spans.
KEPT = {MINUTE: 3 * HOUR, QUARTER: 2 * DAY, HOUR: 35 * DAY, DAY: 396 * DAY}


def start_of(ms: int, seconds: int) -> int:
    """The start of the span of that many seconds, in milliseconds; days and all below are UTC's."""
    return ms - ms % (seconds * 1000)


@dataclass(frozen=True, slots=True)
class Window:
    """The bars of a chart, all of one width.

    start, end: milliseconds, end excluded; the last bar is still growing. step: seconds to a bar.
    span: the counters that the bars are made of.
    """

    start: int
    end: int
    step: int
    span: int

    def __len__(self) -> int:
        return (self.end - self.start) // (self.step * 1000)

    def bars(self) -> Iterator[tuple[int, int]]:
        """The start and the end of each."""
        width = self.step * 1000
        return ((at, at + width) for at in range(self.start, self.end, width))

    def place_of(self, ms: int) -> int | None:
        """The number of the bar, from 0; None: outside."""
        place = (ms - self.start) // (self.step * 1000)
        return int(place) if 0 <= place < len(self) else None


# Name: bars, seconds to a bar, seconds of the counters behind them.
RANGES = {
    "1h": (60, MINUTE, MINUTE),
    "24h": (96, QUARTER, QUARTER),
    "7d": (84, 2 * HOUR, HOUR),
    "30d": (30, DAY, DAY),
}


def window(name: str, now: int) -> Window:
    """Up to now. KeyError: there is no such range."""
    bars, step, span = RANGES[name]
    end = start_of(now, step) + step * 1000
    return Window(end - bars * step * 1000, end, step, span)
