"""How the figures of a time range differ from those of the same range one day earlier, in words.

A range may be longer than a day, and then overlaps with the one that it is compared with."""

from dataclasses import dataclass

from app.queries.statistics.counters import Figures
from app.queries.statistics.overview import Failed
from app.web.common.rendering.localized import milliseconds, number

SAME = "same as one day earlier"


@dataclass(frozen=True, slots=True)
class Differences:
    """Each is "" if there is nothing to compare. failed: counted now and one day earlier."""

    now: Figures
    before: Figures
    failed: tuple[Failed, Failed]

    @property
    def deliveries(self) -> str:
        return of_numbers(self.now.of("deliveries"), self.before.of("deliveries"))

    @property
    def attempts(self) -> str:
        return of_numbers(self.now.attempts, self.before.attempts)

    @property
    def failed_deliveries(self) -> str:
        now, before = self.failed
        return "" if now.capped or before.capped else of_numbers(now.number, before.number)

    @property
    def success_rate(self) -> str:
        return of_shares(self.now.success_rate, self.before.success_rate)

    @property
    def failure_rate(self) -> str:
        return of_shares(self.now.failure_rate, self.before.failure_rate)

    def response_ms(self, share: float) -> str:
        return of_times(self.now.response_ms(share), self.before.response_ms(share))


def of_numbers(now: int, before: int) -> str:
    if now == before:
        return SAME
    return f"{number(abs(now - before))} {'more' if now > before else 'fewer'} than one day earlier"


def of_shares(now: float | None, before: float | None) -> str:
    """In percentage points."""
    if now is None or before is None:
        return ""
    points = round(abs(now - before) * 100, 1)
    if not points:
        return SAME
    return f"{points:g} points {'higher' if now > before else 'lower'} than one day earlier"


def of_times(now: float | None, before: float | None) -> str:
    """In milliseconds."""
    if now is None or before is None:
        return ""
    if now == before:
        return SAME
    how = "slower" if now > before else "faster"
    return f"{milliseconds(abs(now - before))} {how} than one day earlier"
