"""Write the figures of runs into a document, between two markers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from torture.figures import Figures

BEGIN, END = "<!-- torture: begin -->", "<!-- torture: end -->"


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


def table(results: Sequence[Result]) -> str:
    """A table in Markdown, a column for each run."""
    rows: list[tuple[str, list[str]]] = [
        ("seconds", [f"{r.seconds:g}" for r in results]),
        ("events accepted", [f"{r.figures.accepted:,}" for r in results]),
        ("deliveries of them", [f"{r.figures.expected:,}" for r in results]),
        ("requests received", [f"{r.figures.requests:,}" for r in results]),
        ("**lost**", [f"**{r.figures.lost}**" for r in results]),
        ("repeated after success", [_share(r) for r in results]),
        ("of these or of retries, two at once", [f"{r.figures.overlapping}" for r in results]),
        ("requests answered 503", [f"{r.figures.refused:,}" for r in results]),
        ("slowest 503", [f"{r.figures.slowest_refusal:.1f} s" for r in results]),
        ("longest time without an accepted event", [f"{r.figures.silence:.1f} s" for r in results]),
        ("other broken promises", [str(len(r.violations) - r.figures.lost) for r in results]),
    ]
    names = sorted({name for result in results for name in result.figures.faults})
    rows += [
        (f"fault: {name}", [str(r.figures.faults.get(name, 0)) for r in results]) for name in names
    ]
    head = ["| | " + " | ".join(f"{r.kind}, seed {r.seed}" for r in results) + " |"]
    head.append("|---|" + "---:|" * len(results))
    return "\n".join([*head, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows)])


def _share(result: Result) -> str:
    figures = result.figures
    return f"{figures.repeated} ({100 * figures.repeated / max(1, figures.expected):.2f} %)"


def write(path: Path, results: Sequence[Result]) -> None:
    text = path.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    path.write_text(f"{before}{BEGIN}\nRun on {day}:\n\n{table(results)}\n{END}{after}")
