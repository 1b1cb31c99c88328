"""What has happened, from the counters and the tallies that are not added up yet: exact, and at a
cost that does not grow with what is stored."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    select,
    union_all,
)

from app.domain.common.percentiles import percentile
from app.domain.deliveries.spans import HOUR, Window, start_of
from app.domain.deliveries.tallies import Delta
from app.models import Counter, Tally
from app.models.base import db

# Tallies that are read at most; more wait only where no worker has added any up for long.
MOST_TALLIES = 2_000
OUTCOMES = ("succeeded", "retrying", "failed")

AnySelect = Select[*tuple[Any, ...]]
_deltas = msgspec.json.Decoder(list[Delta])
_NO_TEXT, _NO_NUMBER = cast(null(), Text), cast(null(), BigInteger)


@dataclass(slots=True)
class Figures:
    """series: {metric: a number for each bar of the window}; sums: {metric: number in all}.
    behind: so many tallies wait that not all were read, and the figures lack some."""

    window: Window
    series: dict[str, list[int]]
    sums: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    behind: bool = False

    def of(self, metric: str) -> int:
        return self.sums.get(metric, 0)

    def named(self, kind: str) -> list[tuple[str, int]]:
        """Of `status`, `cause`, `type` ...: each with its number, the largest first."""
        found = {
            metric.removeprefix(f"{kind}:"): number
            for metric, number in self.sums.items()
            if metric.startswith(f"{kind}:") and number
        }
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))

    @property
    def attempts(self) -> int:
        """Those that have ended."""
        return sum(self.of(metric) for metric in OUTCOMES)

    @property
    def success_rate(self) -> float | None:
        """Of the deliveries that came to an end, 0 to 1; None: none did."""
        ended = self.of("succeeded") + self.of("failed")
        return self.of("succeeded") / ended if ended else None

    @property
    def failure_rate(self) -> float | None:
        """Of the attempts, 0 to 1; None: there were none."""
        failed = self.of("retrying") + self.of("failed")
        return failed / self.attempts if self.attempts else None

    def answer_ms(self, share: float) -> float | None:
        """Within so many milliseconds `share` (0 to 1) of the receivers' answers came."""
        return percentile({int(name): n for name, n in self.named("ms")}, share)

    def add(self, at: int, metric: str, number: int) -> None:
        place = self.window.place_of(at)
        if place is not None:
            self.sums[metric] += number
            if metric in self.series:
                self.series[metric][place] += number


def figures(
    organization_id: str,
    window: Window,
    webhook_id: str | None = None,
    metrics: Sequence[str] = OUTCOMES,
) -> Figures:
    """Of one webhook, or of all together. metrics: those that are wanted for each bar."""
    subject_id = webhook_id or organization_id
    mine = and_(Counter.organization_id == organization_id, Counter.subject_id == subject_id)
    found = _none(window, metrics)
    # One statement, so that nothing is added up between two looks.
    sums = _sums(window, metrics).where(mine)
    for kind, at, metric, number, deltas in _rows(sums, *_waiting(organization_id)):
        if kind == "sum":
            # What has no bar of its own is summed up over all of them.
            found.add(window.start if at is None else at, metric, number)
        elif kind == "tally":
            for own, name, n in _own(deltas, organization_id):
                if webhook_id is None or own == webhook_id:
                    found.add(at, name, n)
        else:
            found.behind = number > MOST_TALLIES
    return found


def sparks(organization_id: str, webhook_ids: Sequence[str], now: int) -> dict[str, Figures]:
    """How the attempts of each ended, hour by hour for the last 24."""
    end = start_of(now, HOUR) + HOUR * 1000
    window = Window(end - 24 * HOUR * 1000, end, HOUR, HOUR)
    found = {id_: _none(window, OUTCOMES) for id_ in webhook_ids}
    if not found:
        return found
    subject_id = cast(Counter.subject_id, Text)
    hours: AnySelect = select(subject_id, Counter.start, Counter.metric, Counter.value, _NO_TEXT)
    hours = hours.where(
        Counter.organization_id == organization_id,
        Counter.subject_id.in_(webhook_ids),
        Counter.span == HOUR,
        Counter.metric.in_(OUTCOMES),
        Counter.start >= window.start,
    )
    waiting = _tallies(organization_id)
    for subject, at, metric, number, deltas in _rows(hours, waiting):
        if deltas is None:
            found[subject].add(at, metric, number)
            continue
        for own, name, n in _own(deltas, organization_id):
            if own in found and name in OUTCOMES:
                found[own].add(at, name, n)
    return found


def _none(window: Window, metrics: Iterable[str]) -> Figures:
    return Figures(window, {metric: [0] * len(window) for metric in metrics})


def _rows(*parts: AnySelect) -> Iterator[Any]:
    return iter(db.session.execute(union_all(*parts)))


def _sums(window: Window, metrics: Sequence[str]) -> AnySelect:
    width = literal_column(str(window.step * 1000), BigInteger)
    start = case((Counter.metric.in_(metrics), Counter.start - Counter.start % width))
    number = cast(func.sum(Counter.value), BigInteger)
    return (
        select(literal("sum"), start.label("bar"), Counter.metric, number, _NO_TEXT)
        .where(
            Counter.span == window.span,
            Counter.start >= window.start,
            Counter.start < window.end,
        )
        .group_by("bar", Counter.metric)
    )


def _waiting(organization_id: str) -> tuple[AnySelect, AnySelect]:
    """The tallies that are not added up yet, and how many there are of anybody."""
    ids = select(Tally.id).limit(MOST_TALLIES + 1).subquery()
    number = cast(func.count(), BigInteger)
    behind: AnySelect = select(
        literal("behind"), _NO_NUMBER, _NO_TEXT, number, _NO_TEXT
    ).select_from(ids)
    return _tallies(organization_id), behind


def _tallies(organization_id: str) -> AnySelect:
    deltas = cast(Tally.deltas, Text).label("deltas")
    newest = select(Tally.minute, deltas).order_by(Tally.id.desc()).limit(MOST_TALLIES).subquery()
    wanted: AnySelect = select(
        literal("tally"), newest.c.minute, _NO_TEXT, _NO_NUMBER, newest.c.deltas
    )
    return wanted.where(newest.c.deltas.contains(organization_id))


def _own(deltas: str, organization_id: str) -> Iterator[tuple[str | None, str, int]]:
    """(webhook id, metric, number) of what is this organization's."""
    for owner, webhook_id, metric, number in _deltas.decode(deltas):
        if owner == organization_id:
            yield webhook_id, metric, number
