"""Statistics from counters, plus the tallies that are not added to them yet: exact, at constant
cost."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from app.domain.common.percentiles import percentile
from app.domain.deliveries.spans import Window
from app.domain.deliveries.tallies import Delta
from app.models import Counter, Tally
from app.models.common.base import db

# Tallies read at most; more are waiting only if no worker has run for long.
MAX_TALLIES = 2_000
OUTCOMES = ("succeeded", "retrying", "failed")
# Of charts: attempts by outcome, and the deliveries created at that time.
SERIES = (*OUTCOMES, "deliveries")
# Metrics of response times: this, and the bucket.
TIMES = "ms:"

AnySelect = Select[*tuple[Any, ...]]
_deltas = msgspec.json.Decoder(list[Delta])
NO_TEXT, NO_NUMBER = cast(null(), Text), cast(null(), BigInteger)


@dataclass(slots=True)
class Figures:
    """series: {metric: a number for each bar of the window}. sums: {metric: total}. behind: too
    many tallies are waiting; the figures are incomplete. times: {bucket: responses} for each bar,
    or [] if they were not asked for."""

    window: Window
    series: dict[str, list[int]]
    sums: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    behind: bool = False
    times: list[dict[int, int]] = field(default_factory=list)

    def of(self, metric: str) -> int:
        return self.sums.get(metric, 0)

    def named(self, kind: str) -> list[tuple[str, int]]:
        """Values of `status`, `cause`, `type` … with their numbers, largest first."""
        numbers = {
            metric.removeprefix(f"{kind}:"): number
            for metric, number in self.sums.items()
            if metric.startswith(f"{kind}:") and number
        }
        return sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0]))

    @property
    def attempts(self) -> int:
        """Attempts that have ended."""
        return sum(self.of(metric) for metric in OUTCOMES)

    @property
    def success_rate(self) -> float | None:
        """Share of ended deliveries that succeeded, 0 to 1; None: none has ended."""
        ended = self.of("succeeded") + self.of("failed")
        return self.of("succeeded") / ended if ended else None

    @property
    def failed_attempts(self) -> int:
        return self.of("retrying") + self.of("failed")

    @property
    def failure_rate(self) -> float | None:
        """Share of attempts that failed, 0 to 1; None: there were none."""
        return self.failed_attempts / self.attempts if self.attempts else None

    def response_ms(self, share: float) -> float | None:
        """Response time in milliseconds of the percentile `share` (0 to 1)."""
        return percentile({int(name): n for name, n in self.named("ms")}, share)

    @property
    def success_rates(self) -> list[float | None]:
        """`success_rate` of each bar."""
        pairs = zip(self.series["succeeded"], self.series["failed"], strict=True)
        return [good / (good + bad) if good + bad else None for good, bad in pairs]

    def response_times(self, share: float) -> list[float | None]:
        """`response_ms` of each bar."""
        return [percentile(buckets, share) for buckets in self.times]

    def add(self, at: int, metric: str, number: int) -> None:
        bar = self.window.index_of(at)
        if bar is not None:
            self.sums[metric] += number
            if metric in self.series:
                self.series[metric][bar] += number
            elif self.times and metric.startswith(TIMES):
                bucket = int(metric.removeprefix(TIMES))
                self.times[bar][bucket] = self.times[bar].get(bucket, 0) + number


def figures(
    organization_id: str,
    window: Window,
    webhook_id: str | None = None,
    metrics: Sequence[str] = SERIES,
    *,
    with_times: bool = False,
) -> Figures:
    """Of one webhook, or of the organization. metrics: those with a series. with_times: response
    times of each bar, too."""
    subject_id = webhook_id or organization_id
    of_subject = and_(Counter.organization_id == organization_id, Counter.subject_id == subject_id)
    result = no_figures(window, metrics)
    result.times = [{} for _ in window.bars()] if with_times else []
    # One statement, so that no tally is counted twice or missed.
    sums = _sums(window, metrics, with_times=with_times).where(of_subject)
    for kind, at, metric, number, deltas in _rows(sums, *_waiting(organization_id)):
        if kind == "sum":
            # Metrics without a series have one total.
            result.add(window.start if at is None else at, metric, number)
        elif kind == "tally":
            for own_id, name, n in own_deltas(deltas, organization_id):
                if webhook_id is None or own_id == webhook_id:
                    result.add(at, name, n)
        else:
            result.behind = number > MAX_TALLIES
    return result


def no_figures(window: Window, metrics: Iterable[str]) -> Figures:
    return Figures(window, {metric: [0] * len(window) for metric in metrics})


def _rows(*parts: AnySelect) -> Iterator[Any]:
    return iter(db.session.execute(union_all(*parts)))


def _sums(window: Window, metrics: Sequence[str], *, with_times: bool) -> AnySelect:
    width = literal_column(str(window.step * 1000), BigInteger)
    has_series: ColumnElement[bool] = Counter.metric.in_(metrics)
    if with_times:
        has_series = or_(has_series, Counter.metric.startswith(TIMES))
    start = case((has_series, Counter.start - Counter.start % width))
    number = cast(func.sum(Counter.value), BigInteger)
    return (
        select(literal("sum"), start.label("bar"), Counter.metric, number, NO_TEXT)
        .where(
            Counter.span == window.span,
            Counter.start >= window.start,
            Counter.start < window.end,
        )
        .group_by("bar", Counter.metric)
    )


def _waiting(organization_id: str) -> tuple[AnySelect, AnySelect]:
    """Tallies that are not added up yet, and how many there are of all organizations."""
    ids = select(Tally.id).limit(MAX_TALLIES + 1).subquery()
    number = cast(func.count(), BigInteger)
    behind: AnySelect = select(literal("behind"), NO_NUMBER, NO_TEXT, number, NO_TEXT).select_from(
        ids
    )
    return tallies(organization_id), behind


def tallies(organization_id: str) -> AnySelect:
    deltas = cast(Tally.deltas, Text).label("deltas")
    newest = select(Tally.minute, deltas).order_by(Tally.id.desc()).limit(MAX_TALLIES).subquery()
    statement: AnySelect = select(
        literal("tally"), newest.c.minute, NO_TEXT, NO_NUMBER, newest.c.deltas
    )
    return statement.where(newest.c.deltas.contains(organization_id))


def own_deltas(deltas: str, organization_id: str) -> Iterator[tuple[str | None, str, int]]:
    """(webhook id, metric, number) of this organization."""
    for owner, webhook_id, metric, number in _deltas.decode(deltas):
        if owner == organization_id:
            yield webhook_id, metric, number
