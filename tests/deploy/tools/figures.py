"""What script/acceptance measured and what it could not run: docs/operations/figures.md."""

import datetime as dt
import os
import platform
from collections import Counter, defaultdict
from pathlib import Path

FILE = Path(__file__).resolve().parents[3] / "docs/operations/figures.md"
HEAD = """# Figures of the deployments

Written by `script/acceptance` on {day}: {cores} cores, Linux {kernel}, {machine};
load average {load:.0f} at the end.
"""
_figures: dict[str, list[tuple[str, str]]] = defaultdict(list)
_not_run: list[tuple[str, str]] = []


def figure(part: str, name: str, value: str) -> None:
    _figures[part].append((name, value))


def not_run(part: str, reason: str) -> None:
    """Said by name, so that nobody takes silence for success."""
    _not_run.append((part, reason))


def write(outcomes: dict[str, str]) -> None:
    """outcomes: `passed`, `failed` or `skipped` by the test's name with its case in brackets."""
    day = dt.datetime.now(dt.UTC).date().isoformat()
    texts = [
        HEAD.format(day=day, cores=os.cpu_count(), kernel=platform.release(),
                    machine=platform.machine(), load=os.getloadavg()[2])
    ]  # fmt: skip
    for part, rows in _figures.items():
        lines = "\n".join(f"| {name} | {value} |" for name, value in rows)
        texts.append(f"## {part}\n\n| what | figure |\n|---|---|\n{lines}\n")
    lines = "\n".join(f"- {line}" for line in _summary(outcomes))
    texts.append(f"## Checked\n\n{lines}\n")
    lines = "\n".join(f"- {part}: {reason}." for part, reason in _not_run)
    texts.append(f"## Not run\n\n{lines or 'Nothing was left out.'}\n")
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text("\n".join(texts))


def _summary(outcomes: dict[str, str]) -> list[str]:
    """One line for each test, with how many of its cases had which outcome."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, outcome in outcomes.items():
        counts[name.partition("[")[0]][outcome] += 1
    return [
        f"{name}: {', '.join(f'{count} {outcome}' for outcome, count in sorted(cases.items()))}"
        for name, cases in sorted(counts.items())
    ]
