"""Cases, their aims, and the statistics and formats of their figures."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.checkouts import Checkout
from bench.installation import Servers

BEFORE = "before: "


@dataclass(frozen=True, slots=True)
class Aim:
    """value: computed from the medians of the case's figures, by name."""

    text: str
    value: Callable[[Mapping[str, float]], float]
    is_met: Callable[[float], bool]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """run: returns the figures of one run by name. times: number of runs.

    measure: the same for any checkout, so that `--against` can compare two of them; the figures of
    the older one are then there too, as `before: <name>`, for the aims in `against`.
    """

    name: str
    title: str
    run: Callable[[Servers], dict[str, float]]
    aims: Sequence[Aim]
    units: Mapping[str, str] = field(default_factory=dict)
    times: int = 3
    notes: str = ""
    measure: Callable[[Servers, Checkout], dict[str, float]] | None = None
    against: Sequence[Aim] = ()


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = dict.fromkeys(name for run in runs for name in run)
    return {name: statistics.median([run[name] for run in runs if name in run]) for name in names}


def percentile(values: Sequence[float], part: float) -> float:
    """part: from 0 to 1. Infinite without values, so that no aim is met."""
    if not values:
        return float("inf")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def ratio(a: str, b: str) -> Callable[[Mapping[str, float]], float]:
    return lambda figures: figures[a] / figures[b] if figures.get(b) else float("nan")


def to_before(name: str) -> Callable[[Mapping[str, float]], float]:
    return ratio(name, BEFORE + name)


def at_least(limit: float) -> Callable[[float], bool]:
    return lambda value: value >= limit


def at_most(limit: float) -> Callable[[float], bool]:
    return lambda value: value <= limit


def faster(name: str, times: float) -> Aim:
    return Aim(f"{name}: at least {times} x before", to_before(name), at_least(times))


def cheaper(name: str, part: float) -> Aim:
    return Aim(f"{name}: at most {part} x before", to_before(name), at_most(part))


def within(name: str, most: float) -> Aim:
    return Aim(f"{name}: at most {most} ms", lambda figures: figures[name], at_most(most), "ms")


def formatted(value: float) -> str:
    if value != value:  # NaN  # noqa: PLR0124
        return "not measured"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 10 else f"{value:.1f}"
