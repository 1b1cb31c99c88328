"""Check payloads of posted events against their types' schemas, in a sandbox.

A schema and a payload can take any time together (`^(a+)+$`), so the sandbox bounds the CPU time of
each payload and of all payloads of a request, and each organization has one process at a time.
"""

import json
from collections.abc import Sequence

import msgspec

from app.domain.common.errors import Unavailable
from app.domain.event_types.fields import MAX_SAMPLE
from app.domain.events.event import UNCHECKED, Mismatch
from app.runtime.context import runtime
from app.runtime.event_loop import about_to_wait
from app.runtime.sandbox.places import place_of
from app.runtime.sandbox.pool import Busy, Limits, Sandbox, Stopped

# As large as a sample, which is checked against the schema before it can be used.
MAX_PAYLOAD = MAX_SAMPLE
# Seconds of CPU for the payloads of one request, and of one payload.
_SECONDS, _PAYLOAD_SECONDS = 2.0, 0.5
_LIMITS = Limits(
    "app.runtime.sandbox.schema_tasks", memory=1 << 30, cpu=_PAYLOAD_SECONDS, wall=10.0
)
# Seconds that a request waits, each time.
_WAIT_SECONDS = 2.0
_BUSY = "Too many schema checks are waiting for this organization."
_SPENT = (Mismatch("$", f"{UNCHECKED}the checks of this request took too long"),)
_TOO_MUCH = (Mismatch("$", f"{UNCHECKED}it takes too much time or memory"),)
_TOO_LARGE = f"{UNCHECKED}it has {{}} bytes, and at most {MAX_PAYLOAD} are checked"

Mismatches = tuple[Mismatch, ...]
# Seconds of CPU so far, and pairs of path and problem.
_Step = tuple[float, list[tuple[str, str]]]


def new_sandbox() -> Sandbox:
    return Sandbox(_LIMITS)


def mismatches_of(
    organization_id: str, schemas: Sequence[bytes], payloads: Sequence[tuple[int, bytes]]
) -> list[Mismatches]:
    """What does not match, for each payload. schemas: JSON of valid schemas. payloads: with the
    position of its schema. One that cannot be checked has that as its mismatch. Unavailable: other
    requests of the organization take the time. WouldWait on an event loop."""
    about_to_wait()
    results: list[Mismatches] = [
        (Mismatch("$", _TOO_LARGE.format(len(payload))),) for _, payload in payloads
    ]
    small = [n for n, (_, payload) in enumerate(payloads) if len(payload) <= MAX_PAYLOAD]
    if not small:
        return results
    try:
        with place_of(runtime().sandbox_places, organization_id):
            checked = _all(organization_id, schemas, [payloads[n] for n in small])
    except Busy as error:
        raise Unavailable(_BUSY) from error
    for position, mismatches in zip(small, checked, strict=True):
        results[position] = mismatches
    return results


def _all(
    organization_id: str, schemas: Sequence[bytes], payloads: Sequence[tuple[int, bytes]]
) -> list[Mismatches]:
    """Those after one that stopped the process are checked in a new one, in the time that is left
    for all."""
    results: list[Mismatches] = []
    seconds = _SECONDS
    while len(results) < len(payloads) and seconds > 0:
        steps, is_stopped = _run(organization_id, schemas, payloads[len(results) :], seconds)
        for _, pairs in steps:
            results.append(tuple(Mismatch(path, problem) for path, problem in pairs))
        seconds -= steps[-1][0] if steps else 0
        if is_stopped:
            results.append(_TOO_MUCH)
            seconds -= _PAYLOAD_SECONDS
    return results + [_SPENT] * (len(payloads) - len(results))


def _run(
    organization_id: str,
    schemas: Sequence[bytes],
    payloads: Sequence[tuple[int, bytes]],
    seconds: float,
) -> tuple[list[_Step], bool]:
    """The steps, and whether the next payload stopped the process."""
    is_stopped = False
    try:
        steps = (
            runtime()
            .payload_sandbox()
            .run(
                organization_id,
                "match_payloads",
                list(schemas),
                list(payloads),
                seconds,
                wait=_WAIT_SECONDS,
            )
        )
    except Stopped as error:
        if not error.by_task:
            raise Unavailable(_BUSY) from error
        steps, is_stopped = error.steps, True
    except OSError as error:
        raise Unavailable(_BUSY) from error
    return [json.loads(step) for step in steps], is_stopped


def text_of(mismatches: Mismatches) -> str:
    """As the column of an event has it."""
    return msgspec.json.encode([[each.path, each.problem] for each in mismatches]).decode()
