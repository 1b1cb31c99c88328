"""Check schemas and read YAML written by tenants, in a sandbox."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.common.errors import Malformed, Unavailable
from app.runtime.context import runtime
from app.runtime.sandbox.places import place_of
from app.runtime.sandbox.pool import Busy, Limits, Sandbox, Stopped

_LIMITS = Limits("app.runtime.sandbox.schema_tasks", memory=1 << 30, cpu=3.0, wall=10.0)
# Seconds that a caller waits for the organization's earlier checks.
_WAIT_SECONDS = 2.0
_BUSY = "Too many schemas are being checked. Try again in a few seconds."
_TOO_MUCH = "It takes too much time or memory to read. Make it simpler."


@dataclass(frozen=True, slots=True)
class Fault:
    """path: a JSON path, `$` for the whole. problem: a sentence in the validator's words."""

    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with a schema, and with a value of it."""

    schema: tuple[Fault, ...]
    value: tuple[Fault, ...]


def new_sandbox() -> Sandbox:
    return Sandbox(_LIMITS)


def check_schemas(
    organization_id: str, pairs: Sequence[tuple[dict[str, Any], Any]]
) -> list[Checked]:
    """pairs: a schema with a value, None for none. If a schema takes too long, every pair of the
    call gets this fault. Unavailable: the organization's other checks take the time."""
    result = _run(organization_id, "check_schemas", pairs)
    if "checked" not in result:
        return [Checked((Fault("$", result["error"]),), ()) for _ in pairs]
    return [Checked(_faults(item["schema"]), _faults(item["value"])) for item in result["checked"]]


def read_yaml(organization_id: str, text: str) -> Any:
    """In the types of JSON. Malformed. Unavailable, as above."""
    result = _run(organization_id, "read_yaml", text)
    if "value" not in result:
        raise Malformed(f"The document is not YAML: {result['error'].removesuffix('.')}.")
    return result["value"]


def _faults(pairs: Sequence[Sequence[str]]) -> tuple[Fault, ...]:
    return tuple(Fault(path, problem) for path, problem in pairs)


def _run(organization_id: str, task: str, argument: Any) -> dict[str, Any]:
    try:
        content = json.dumps(argument).encode()
        places = (runtime().schema_places, runtime().sandbox_places)
        with place_of(places[0], organization_id), place_of(places[1], organization_id):
            sandbox = runtime().schema_sandbox()
            [result] = sandbox.run(organization_id, task, content, wait=_WAIT_SECONDS)
    except Stopped as error:
        if not error.by_task:
            raise Unavailable(_BUSY) from error
        return {"error": _TOO_MUCH}
    except Busy as error:
        raise Unavailable(_BUSY) from error
    except OSError as error:
        raise Unavailable("No process can be started just now.") from error
    decoded: dict[str, Any] = json.loads(result)
    return decoded
