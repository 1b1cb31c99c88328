"""`python -m bench [--rounds N] [CASE ...]`: runs the cases, prints the table, writes
docs/benchmarks.md when all were run."""

import argparse
import sys
import time
from dataclasses import replace

from bench.appendix import TEXTS
from bench.cases import CASES
from bench.figures import Case, medians, written
from bench.installation import Servers, servers
from bench.report import conditions, write


def main(arguments: list[str]) -> int:
    known = {case.name: case for case in CASES}
    parser = argparse.ArgumentParser("script/bench")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(known)}")
    parser.add_argument("--rounds", type=int, help="of each case; without it, as the case has it")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.cases if name not in known]
    if unknown:
        parser.error(f"There is no case {', '.join(unknown)}. Cases: {', '.join(known)}.")
    chosen = [known[name] for name in given.cases] or list(CASES)
    if given.rounds:
        chosen = [replace(case, times=given.rounds) for case in chosen]
    before = time.monotonic()
    told: list[tuple[Case, dict[str, float], str]] = []
    with servers() as running:
        machine = conditions(running.postgresql)
        for case in chosen:
            figures, trouble = measured(case, running)
            told.append((case, figures, trouble))
            show(case, figures, trouble)
    print(f"\n{time.monotonic() - before:.0f} s in all")
    if given.cases or given.rounds:
        for title, text in TEXTS.items():
            print(f"\n{title}\n\n{text}")
    else:
        write(told, machine, time.monotonic() - before)
    return 0


def measured(case: Case, running: Servers) -> tuple[dict[str, float], str]:
    """The medians; and what went wrong: a case that breaks is told beside the others."""
    runs, trouble = [], ""
    for _ in range(case.times):
        try:
            runs.append(case.run(running))
        except Exception as error:  # noqa: BLE001 -- told in the table
            trouble = f"{type(error).__name__}: {error}"
            break
    return medians(runs), trouble


def show(case: Case, figures: dict[str, float], trouble: str) -> None:
    print(f"\n{case.title}  [{case.name}, {case.times} run{'s' * (case.times > 1)}]")
    for name, value in figures.items():
        print(f"    {name:44} {written(value):>12} {case.units.get(name, '')}")
    for aim in case.aims if figures else ():
        value = aim.value(figures)
        mark = "reached" if aim.reached(value) else "NOT reached"
        print(f"  {aim.text:46} {written(value):>12} {aim.unit} {mark}")
    if trouble:
        print(f"  broke off: {trouble}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
