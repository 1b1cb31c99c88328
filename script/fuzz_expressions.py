"""Fuzz tenants' expressions for a while: with hypothesis, which builds expressions from a grammar,
and with atheris, which follows what new code an input reaches.

The promises: an expression is refused or compiled, and evaluated or refused, by the errors of
app/domain/expressions and no others; within a bound of CPU time; with the library's own result;
and what is taken for cheap costs no more than was said.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_CHILD = "--child"
_TRACED = ["jmespath", "app.domain.expressions"]


def _tracing() -> AbstractContextManager[object]:
    """In the process of atheris, modules are instrumented when they are first imported."""
    if _CHILD not in sys.argv:
        return nullcontext()
    import atheris

    tracing: AbstractContextManager[object] = atheris.instrument_imports(include=_TRACED)
    return tracing


with _tracing():
    import jmespath
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from hypothesis import strategies as st

    from app.domain.common.errors import Invalid
    from app.domain.expressions.errors import CannotEvaluate
    from app.domain.expressions.expression import EVENT_BYTES
    from app.domain.expressions.meter import MAX_BYTES, MAX_UNITS, Meter
    from app.domain.webhooks.filters import compile_filter
    from tests.domain import shapes
    from tests.domain.hostile import DOCUMENT

# The sandbox's own limit. The budget is a tenth of it, but the machine may be busy. Atheris slows
# the code down several times: what takes as long there is run again without it.
MAX_CPU_SECONDS = 0.5
MAX_COMPILE_SECONDS = 0.5
_MEMORY = 1 << 30
_MAX_FAILURES = 20

SMALL: dict[str, Any] = {
    "a": [3, 1, 2], "b": {"a": "x", "b": [1.5, None], "c": {}}, "c": [{"a": 1}, {"a": "1"}, []],
}  # fmt: skip
LARGE = DOCUMENT | {"a": DOCUMENT["payload"]["numbers"], "b": DOCUMENT["payload"]["object"],
                    "c": DOCUMENT["payload"]["objects"]}  # fmt: skip
_FIELDS = [f"payload.{name}" for name in DOCUMENT["payload"]]


@dataclass(slots=True)
class Report:
    engine: str
    seconds: float = 0.0
    tried: int = 0
    refused: int = 0
    evaluated: int = 0
    failed: int = 0
    over_budget: int = 0
    cheap: int = 0
    slowest: float = 0.0
    slowest_text: str = ""
    slowest_compile: float = 0.0
    # Those that took too long while they were traced.
    slow_when_traced: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def fail(self, text: str, what: str) -> None:
        if len(self.failures) < _MAX_FAILURES:
            self.failures.append(f"{what}: {text[:300]}")

    def check(self, text: str, document: Any, *, compare: bool) -> None:
        """compare: with the library's own result, which has no budget."""
        self.tried += 1
        began = time.process_time()
        try:
            expression = compile_filter(text)
        except Invalid:
            self.refused += 1
            return
        finally:
            took = time.process_time() - began
            self.slowest_compile = max(self.slowest_compile, took)
            if took > MAX_COMPILE_SECONDS:
                self.fail(text, f"compiled in {took:.2f} s of CPU")
        result, meter = self._evaluate(text, document)
        size = len(json.dumps(document)) if compare else 0
        cost = expression.cost(size - EVENT_BYTES) if compare else None
        if cost is not None:
            self.cheap += 1
            if meter.units > cost:
                self.fail(text, f"{meter.units} units, bound {cost}")
        if compare:
            self._compare(text, document, result)

    def _evaluate(self, text: str, document: Any) -> tuple[Any, Meter]:
        meter, result = Meter(), None
        began = time.process_time()
        try:
            result = compile_filter(text).evaluate(document, meter)
            self.evaluated += 1
        except CannotEvaluate as error:
            self.failed += 1
            self.over_budget += meter.units > MAX_UNITS or meter.allocated > MAX_BYTES
            result = error
        took = time.process_time() - began
        if took > self.slowest:
            self.slowest, self.slowest_text = took, text
        if took > MAX_CPU_SECONDS and _CHILD in sys.argv:
            self.slow_when_traced.append(text)
        elif took > MAX_CPU_SECONDS:
            self.fail(text, f"{took:.2f} s of CPU with {meter.units} units")
        return result, meter

    def _compare(self, text: str, document: Any, result: Any) -> None:
        try:
            expected = jmespath.search(text, document)
        except Exception:  # noqa: BLE001 -- whatever the library raises
            if not isinstance(result, CannotEvaluate):
                self.fail(text, "the library fails, and the meter does not")
            return
        # The library checks merge()'s first argument only, and takes an empty array for an object.
        if isinstance(result, CannotEvaluate) and "merge() takes object" in str(result):
            return
        if isinstance(result, CannotEvaluate) or repr(result) != repr(expected):
            self.fail(text, f"{result!r:.60} instead of {expected!r:.60}")


def with_hypothesis(seconds: float) -> Report:
    report, deadline = Report("hypothesis"), time.monotonic() + seconds
    small = shapes.expressions()
    large = shapes.expressions(st.sampled_from(_FIELDS), max_leaves=20)
    quiet = settings(
        max_examples=200, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    while (left := deadline - time.monotonic()) > 0:
        del left

        @seed(random.getrandbits(64))
        @quiet
        @given(text=small, document=shapes.DOCUMENTS)
        def like_the_library(text: str, document: Any) -> None:
            report.check(text, document, compare=True)

        @seed(random.getrandbits(64))
        @quiet
        @given(text=large)
        def within_the_budget(text: str) -> None:
            report.check(text, LARGE, compare=False)

        like_the_library()
        within_the_budget()
    report.seconds = seconds
    return report


def with_atheris(seconds: float) -> Report:
    """In a process of its own, which libFuzzer ends."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "script.fuzz_expressions",
            _CHILD,
            file.name,
        ]
        limits = [f"-max_total_time={max(1, round(seconds))}", "-max_len=400", "-timeout=20"]
        ended = subprocess.run([*command, *limits], capture_output=True, text=True, check=False)
        said = Path(file.name).read_text()
    report = Report(**json.loads(said)) if said else Report("atheris")
    report.seconds = seconds
    untraced = Report("untraced")
    for text in report.slow_when_traced:
        untraced.check(text, LARGE, compare=False)
    report.slowest, report.slowest_text = untraced.slowest, untraced.slowest_text
    report.failures += untraced.failures
    if ended.returncode:
        report.failures.append(f"ended with {ended.returncode}: {ended.stderr[-2000:]}")
    return report


def _child(path: str, arguments: list[str]) -> None:
    import atheris

    report, saved = Report("atheris"), [0.0]

    def check(data: bytes) -> None:
        provider = atheris.FuzzedDataProvider(data)
        text, is_small = _text(provider), provider.ConsumeBool()
        report.check(text, SMALL if is_small else LARGE, compare=is_small)
        if time.monotonic() - saved[0] > 1:
            saved[0] = time.monotonic()
            Path(path).write_text(json.dumps(asdict(report)))

    atheris.Setup([sys.argv[0], *arguments], check)
    atheris.Fuzz()


def _text(provider: Any) -> str:
    """Half of the time of the grammar's pieces, half of any characters."""
    if provider.ConsumeBool():
        return str(provider.ConsumeUnicodeNoSurrogates(300))
    pieces = [*shapes.LEAVES, *_FIELDS]
    text = provider.PickValueInList(pieces)
    for _ in range(provider.ConsumeIntInRange(0, 30)):
        form = provider.PickValueInList([*shapes.UNARY, *shapes.BINARY])
        text = form.format(text, provider.PickValueInList(pieces))
    return str(text)


def main() -> int:
    if sys.argv[1:2] == [_CHILD]:
        _child(sys.argv[2], sys.argv[3:])
        return 0
    minutes = float(sys.argv[1]) if sys.argv[1:] else 10.0
    engines = {"hypothesis": with_hypothesis, "atheris": with_atheris}
    selected = sys.argv[2:] or list(engines)
    resource.setrlimit(resource.RLIMIT_AS, (4 * _MEMORY, 4 * _MEMORY))
    reports = [engines[name](minutes * 60 / len(selected)) for name in selected]
    for report in reports:
        print(json.dumps(asdict(report), indent=1))
    return 1 if any(report.failures for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main())
