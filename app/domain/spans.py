"""How time is cut up for counting: minutes, hours and days, and the bars of a chart."""

from collections.abc import Iterator
from dataclasses import dataclass

MINUTE, HOUR, DAY = 60, 3_600, 86_400
# What is kept in each, in seconds; a year and a month of days.
KEPT = {MINUTE: 48 * HOUR, HOUR: 35 * DAY, DAY: 396 * DAY}


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
    "24h": (96, 15 * MINUTE, MINUTE),
    "7d": (84, 2 * HOUR, HOUR),
    "30d": (30, DAY, DAY),
}


def window(name: str, now: int) -> Window:
    """Up to now. KeyError: there is no such range."""
    bars, step, span = RANGES[name]
    end = start_of(now, step) + step * 1000
    return Window(end - bars * step * 1000, end, step, span)


def cover(
    start: int, end: int, spans: tuple[int, ...] = (DAY, HOUR, MINUTE)
) -> list[tuple[int, int, int]]:
    """(seconds, start, end): whole days, hours and minutes that make up the time between two
    whole minutes, as few as can be."""
    span, *smaller = spans
    if not smaller:
        return [(span, start, end)] if start < end else []
    rest = tuple(smaller)
    first, last = start_of(start + span * 1000 - 1, span), start_of(end, span)
    if first >= last:
        return cover(start, end, rest)
    return [*cover(start, first, rest), (span, first, last), *cover(last, end, rest)]
