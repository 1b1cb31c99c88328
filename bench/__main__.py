"""`python -m bench [--rounds N] [--against REVISION] [CASE ...]`: run cases, print their figures.

A run of all cases writes docs/benchmarks.md. With `--against`, the cases run alternately on this
checkout and on the older commit, and each figure is also given as a ratio to the older one's; a
run of all such cases writes docs/benchmarks-against.md.
"""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bench.appendix import TEXTS
from bench.cases import ALIASES, CASES
from bench.checkouts import HERE, Checkout, checked_out
from bench.figures import BEFORE, Aim, Case, formatted, medians
from bench.installation import Servers, servers
from bench.report import conditions, write, write_comparison


def main(arguments: list[str]) -> int:
    cases = {case.name: case for case in CASES}
    parser = argparse.ArgumentParser("script/bench")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"one of {', '.join(cases)}")
    parser.add_argument(
        "--rounds", type=int, help="rounds of each case (default: the case's own number)"
    )
    parser.add_argument(
        "--against", metavar="REVISION", help="a commit, or the directory of a checkout"
    )
    options = parser.parse_args(arguments)
    names = [ALIASES.get(name, name) for name in options.cases]
    unknown = [name for name in names if name not in cases]
    if unknown:
        parser.error(f"Unknown case {', '.join(unknown)}. Cases: {', '.join(cases)}.")
    selected = [cases[name] for name in names] or list(CASES)
    if options.rounds:
        selected = [replace(case, times=options.rounds) for case in selected]
    if options.against:
        comparable = [case for case in CASES if case.measure]
        selected = [case for case in selected if case.measure]
        if not selected:
            parser.error(f"Only {', '.join(case.name for case in comparable)} run on any commit.")
        return against(options.against, selected, writes=not (options.cases or options.rounds))
    before = time.monotonic()
    results: list[tuple[Case, dict[str, float], str]] = []
    with servers() as running:
        machine = conditions(running.postgresql)
        for case in selected:
            figures, error = measure(case, running)
            results.append((case, figures, error))
            show(case, figures, error)
    print(f"\n{time.monotonic() - before:.0f} s in total")
    if options.cases or options.rounds:
        for title, text in TEXTS.items():
            print(f"\n{title}\n\n{text}")
    else:
        write(results, machine, time.monotonic() - before)
    return 0


def against(revision: str, cases: Sequence[Case], *, writes: bool) -> int:
    began = time.monotonic()
    with checked_out(revision) as older, servers() as running:
        machine = conditions(running.postgresql)
        compared = [(case, *compare(case, older, running)) for case in cases]
    if writes:
        write_comparison(revision, compared, machine, time.monotonic() - began)
    return 0


def compare(
    case: Case, older: Checkout, running: Servers
) -> tuple[dict[str, float], dict[str, float]]:
    """Run both in turns; the one that is first changes, since the machine may warm up. Returns the
    medians of the older one's figures and of ours."""
    runs: dict[Checkout, list[dict[str, float]]] = {older: [], HERE: []}
    assert case.measure is not None
    for round_ in range(case.times):
        order = (older, HERE) if round_ % 2 else (HERE, older)
        for checkout in order:
            runs[checkout].append(case.measure(running, checkout))
    before, now = medians(runs[older]), medians(runs[HERE])
    print(f"\n{case.title}  [{case.name}, {case.times} run{'s' * (case.times > 1)} of each]")
    print(f"    {'':44} {'before':>12} {'now':>12} {'ratio':>8}")
    for name, value in now.items():
        ratio = f"{value / before[name]:8.2f}" if before.get(name) else ""
        older_value = formatted(before[name]) if name in before else ""
        print(f"    {name:44} {older_value:>12} {formatted(value):>12} {ratio}")
    show_aims(case.against, now | {BEFORE + name: value for name, value in before.items()})
    return before, now


def measure(case: Case, running: Servers) -> tuple[dict[str, float], str]:
    """Return the medians and the error text, empty unless a run failed. Other cases still run."""
    runs, error = [], ""
    for _ in range(case.times):
        try:
            runs.append(case.run(running))
        except Exception as failure:  # noqa: BLE001 -- reported in the table
            error = f"{type(failure).__name__}: {failure}"
            break
    return medians(runs), error


def show(case: Case, figures: dict[str, float], error: str) -> None:
    print(f"\n{case.title}  [{case.name}, {case.times} run{'s' * (case.times > 1)}]")
    for name, value in figures.items():
        print(f"    {name:44} {formatted(value):>12} {case.units.get(name, '')}")
    show_aims(case.aims if figures else (), figures)
    if error:
        print(f"  failed: {error}")
    sys.stdout.flush()


def show_aims(aims: Sequence[Aim], figures: Mapping[str, float]) -> None:
    for aim in aims:
        value = aim.value(figures)
        mark = "met" if aim.is_met(value) else "NOT met"
        print(f"  {aim.text:46} {formatted(value):>12} {aim.unit} {mark}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
