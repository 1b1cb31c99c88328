"""Write docs/benchmarks.md: conditions, aims, figures, notes."""

import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import psycopg
import pycurl

from bench.appendix import TEXTS
from bench.figures import BEFORE, Case, formatted

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE, COMPARISON = DOCS / "benchmarks.md", DOCS / "benchmarks-against.md"
Result = tuple[Case, dict[str, float], str]
# Figures of an older commit and of this one.
Compared = tuple[Case, dict[str, float], dict[str, float]]

_HEAD = """# Benchmarks

Written by `script/bench`. Read the ratios: each compares two figures of the same run. Absolute
figures depend on the machine. A figure is the median of the runs of its case.
"""


_COMPARISON_HEAD = """# Benchmarks against an older commit

Written by `script/bench --against {revision}`: both run in turns, on one machine. Read the
ratios: absolute figures depend on the machine. CPU is in milliseconds per event, p50 and p99 are in
milliseconds, disk and WAL in bytes per event; everything else is a number per second.
"""


def conditions(server: str) -> dict[str, str]:
    with psycopg.connect(server) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    packages = ("flask", "sqlalchemy", "psycopg", "rq", "redis", "gunicorn", "pycurl", "pycares")
    return {
        "Cores": str(os.cpu_count()),
        "System": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": str(row[0]) if row else "",
        "libcurl": pycurl.version.split()[0],
        "Packages": ", ".join(f"{name} {version(name)}" for name in packages),
        "fsync": f"{fsync_ms():.2f} ms for 4 KiB",
    }


def fsync_ms() -> float:
    """The median of 20 calls."""
    times = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(20):
            file.write(b"x" * 4096)
            file.flush()
            before = time.perf_counter()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - before) * 1000)
    return sorted(times)[10]


def write(results: Sequence[Result], machine: dict[str, str], seconds: float) -> None:
    parts = [_HEAD, "## Conditions\n"]
    parts += [f"- {name}: {value}" for name, value in machine.items()]
    parts.append(f"- {seconds:.0f} s in total\n")
    parts.append("## Aims\n\n| case | aim | measured | |\n|---|---|---|---|")
    for case, figures, error in results:
        parts += _aims(case, figures, error)
    parts.append("\n## Figures\n\n| case | figure | value |\n|---|---|---|")
    for case, figures, _ in results:
        parts += [
            f"| {case.name} | {name} | {formatted(value)} {case.units.get(name, '')} |"
            for name, value in figures.items()
        ]
    notes = _notes([case for case, _, _ in results])
    if notes:
        parts += ["\n## Notes\n", *notes]
    parts += [f"\n## {title}\n\n```\n{text}\n```" for title, text in TEXTS.items()]
    PAGE.write_text("\n".join(parts) + "\n")


def write_comparison(
    revision: str, compared: Sequence[Compared], machine: dict[str, str], seconds: float
) -> None:
    parts = [_COMPARISON_HEAD.format(revision=revision), "## Conditions\n"]
    parts += [f"- {name}: {value}" for name, value in machine.items()]
    parts.append(f"- {seconds:.0f} s in total\n")
    parts.append("## Aims\n\n| case | aim | measured | |\n|---|---|---|---|")
    for case, before, now in compared:
        both = now | {BEFORE + name: value for name, value in before.items()}
        parts += _aims(replace(case, aims=[*case.against, *case.aims]), both, "")
    parts += ["\n## Figures\n", f"| case | figure | {revision} | now | ratio |", "|---" * 5 + "|"]
    for case, before, now in compared:
        for name, value in now.items():
            older = before.get(name)
            ratio = f"{value / older:.2f}" if older else ""
            shown = "" if older is None else formatted(older)
            parts.append(f"| {case.name} | {name} | {shown} | {formatted(value)} | {ratio} |")
    parts += ["\n## Notes\n", *_notes([case for case, _, _ in compared])]
    COMPARISON.write_text("\n".join(parts) + "\n")


def _notes(cases: Sequence[Case]) -> list[str]:
    return [f"- **{case.name}**: {case.notes}" for case in cases if case.notes]


def _aims(case: Case, figures: dict[str, float], error: str) -> list[str]:
    if error:
        return [f"| {case.title} | | failed: {error} | **no** |"]
    table = []
    for aim in case.aims:
        value = aim.value(figures)
        mark = "yes" if aim.is_met(value) else "**no**"
        table.append(f"| {case.title} | {aim.text} | {formatted(value)} {aim.unit} | {mark} |")
    return table
