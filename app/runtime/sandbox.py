"""Work on what a tenant gave that may take as long as it likes: done in a process of its own, for
a few seconds at most."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.common.errors import Malformed, Unavailable

SECONDS = 5.0
_PROGRAM = str(Path(__file__).with_name("apart_program.py"))
_TOO_MUCH = "It takes too much time or memory to read. Make it simpler."


@dataclass(frozen=True, slots=True)
class Fault:
    """path: a JSON path, `$` for the whole. problem: a sentence, as the validator says it."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with a schema, and with a value of it."""

    schema: tuple[Fault, ...]
    value: tuple[Fault, ...]


def check_schemas(pairs: Sequence[tuple[dict[str, Any], Any]]) -> list[Checked]:
    """pairs: a schema with a value, None for none. A schema that takes too long is at fault itself;
    so are then all that are checked together with it."""
    answer = _answer({"task": "schemas", "pairs": pairs})
    if "found" not in answer:
        return [Checked((Fault("$", answer["error"]),), ()) for _ in pairs]
    return [Checked(_faults(one["schema"]), _faults(one["value"])) for one in answer["found"]]


def read_yaml(text: str) -> Any:
    """In the types of JSON. Malformed."""
    answer = _answer({"task": "yaml", "text": text})
    if "value" not in answer:
        raise Malformed(f"The document is not YAML: {answer['error']}")
    return answer["value"]


def _faults(found: Sequence[Sequence[str]]) -> tuple[Fault, ...]:
    return tuple(Fault(path, problem) for path, problem in found)


def _answer(given: dict[str, Any]) -> dict[str, Any]:
    """Nothing of the environment goes along: no secret, no proxy, no path of modules."""
    try:
        ended = subprocess.run(
            [sys.executable, "-I", _PROGRAM],
            input=json.dumps(given).encode(),
            capture_output=True,
            timeout=SECONDS,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"error": _TOO_MUCH}
    except OSError as error:
        raise Unavailable("No process can be started just now.") from error
    try:
        answer: dict[str, Any] = json.loads(ended.stdout)
    except ValueError:
        return {"error": _TOO_MUCH}
    return answer
