"""`python -m bench [--rounds N] [CASE ...]`: run cases and print their figures.

A run of all cases writes docs/benchmarks.md.
"""

import argparse
import sys
import time
from dataclasses import replace

from bench.appendix import TEXTS
from bench.cases import ALIASES, CASES
from bench.figures import Case, formatted, medians
from bench.installation import Servers, servers
from bench.report import conditions, write


def main(arguments: list[str]) -> int:
    cases = {case.name: case for case in CASES}
    parser = argparse.ArgumentParser("script/bench")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"one of {', '.join(cases)}")
    parser.add_argument(
        "--rounds", type=int, help="rounds of each case (default: the case's own number)"
    )
    options = parser.parse_args(arguments)
    names = [ALIASES.get(name, name) for name in options.cases]
    unknown = [name for name in names if name not in cases]
    if unknown:
        parser.error(f"Unknown case {', '.join(unknown)}. Cases: {', '.join(cases)}.")
    selected = [cases[name] for name in names] or list(CASES)
    if options.rounds:
        selected = [replace(case, times=options.rounds) for case in selected]
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
    for aim in case.aims if figures else ():
        value = aim.value(figures)
        mark = "met" if aim.is_met(value) else "NOT met"
        print(f"  {aim.text:46} {formatted(value):>12} {aim.unit} {mark}")
    if error:
        print(f"  failed: {error}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
