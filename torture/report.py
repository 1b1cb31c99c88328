"""Write the figures of a run into a document, between two markers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from torture.figures import Figures

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class Result:
    kind: str
    seconds: float
    seed: int
    figures: Figures
    violations: list[str]


def lines(result: Result) -> Iterator[str]:
    figures = result.figures
    repeated = 100 * figures.repeated / max(1, figures.expected)
    yield f"events accepted: {figures.accepted:,}"
    yield f"deliveries expected: {figures.expected:,}; requests received: {figures.requests:,}"
    yield f"faults injected: {sum(figures.faults.values())}"
    yield f"lost: {figures.lost}; repeated: {figures.repeated} ({repeated:.2f} %)"
    yield f"longest silence: {figures.silence:.1f} s"
    yield f"violations: {len(result.violations)}"


def table(result: Result) -> str:
    """Markdown."""
    figures = result.figures
    repeated = 100 * figures.repeated / max(1, figures.expected)
    rows = [
        ("seconds of faults", f"{result.seconds:g}"),
        ("events accepted", f"{figures.accepted:,}"),
        ("deliveries of them", f"{figures.expected:,}"),
        ("requests received", f"{figures.requests:,}"),
        ("faults injected", f"{sum(figures.faults.values())}"),
        ("**deliveries lost**", f"**{figures.lost}**"),
        ("requests repeated after a success", f"{figures.repeated} ({repeated:.2f} %)"),
        ("requests of a delivery that overlapped", f"{figures.overlapping}"),
        ("other broken promises", f"{len(result.violations) - figures.lost}"),
        ("requests answered with 503", f"{figures.refused:,}"),
        ("half of them within", f"{figures.usual_refusal:.2f} s"),
        ("slowest of them", f"{figures.slowest_refusal:.1f} s"),
        ("longest time without an accepted event", f"{figures.silence:.1f} s"),
    ]
    faults = ", ".join(f"{name} {number}" for name, number in sorted(figures.faults.items()))
    lines = ["| | |", "|---|---:|", *(f"| {name} | {value} |" for name, value in rows)]
    return "\n".join([*lines, "", f"Faults: {faults}."])


def write(path: Path, result: Result) -> None:
    """Replace the section of the run's database."""
    begin, end = f"<!-- torture: {result.kind} -->", f"<!-- torture: end of {result.kind} -->"
    before, _, rest = path.read_text().partition(begin)
    _, _, after = rest.partition(end)
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    title = f"**{NAMES[result.kind]}**, {day}, seed {result.seed}:"
    path.write_text(f"{before}{begin}\n{title}\n\n{table(result)}\n{end}{after}")
