"""Check payloads of posted events against their types' schemas, in a sandbox.

A schema and a payload can take any time together (`^(a+)+$`), so the sandbox bounds the CPU time of
each payload and of all payloads of a request, and each organization has one process at a time.
"""

import json
from collections.abc import Sequence

import msgspec

from app.domain.common.errors import Unavailable
from app.domain.event_types.fields import MAX_SAMPLE
from app.domain.events.event import Mismatch
from app.runtime.context import runtime
from app.runtime.event_loop import about_to_wait
from app.runtime.sandbox.pool import Busy, Limits, Sandbox, Stopped

# As large as a sample, which is checked against the schema before it can be used.
MAX_PAYLOAD = MAX_SAMPLE
# Seconds of CPU for the payloads of one request, and of one payload.
_SECONDS, _PAYLOAD_SECONDS = 2.0, 0.5
_LIMITS = Limits(
    "app.runtime.sandbox.schema_tasks", memory=1 << 30, cpu=_PAYLOAD_SECONDS, wall=10.0
)
# Queued requests per organization in a web process, which has few threads, and seconds that a
# request waits.
_WAITING_REQUESTS, _WAIT_SECONDS = 4, 2.0
_BUSY = "Too many schema checks are waiting for this organization."
_TOO_MUCH = "not checked: it takes too much time or memory"
_TOO_LARGE = f"not checked: it has {{}} bytes, and at most {MAX_PAYLOAD} are checked"

Mismatches = tuple[Mismatch, ...]


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
    steps = _run(organization_id, schemas, [payloads[n] for n in small])
    for count, position in enumerate(small):
        results[position] = steps[count] if count < len(steps) else (Mismatch("$", _TOO_MUCH),)
    return results


def _run(
    organization_id: str, schemas: Sequence[bytes], payloads: Sequence[tuple[int, bytes]]
) -> list[Mismatches]:
    """Fewer than payloads if one of them stopped the process."""
    try:
        steps = (
            runtime()
            .payload_sandbox()
            .run(
                organization_id,
                "match_payloads",
                list(schemas),
                list(payloads),
                _SECONDS,
                wait=_WAIT_SECONDS,
                waiting=_WAITING_REQUESTS,
            )
        )
    except Stopped as error:
        if not error.by_task:
            raise Unavailable(_BUSY) from error
        steps = error.steps
    except (Busy, OSError) as error:
        raise Unavailable(_BUSY) from error
    return [tuple(Mismatch(path, problem) for path, problem in json.loads(step)) for step in steps]


def text_of(mismatches: Mismatches) -> str:
    """As the column of an event has it."""
    return msgspec.json.encode([[each.path, each.problem] for each in mismatches]).decode()
