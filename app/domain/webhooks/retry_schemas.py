"""The JSON Schema of retry policies; `retries` checks more sentences than it can."""

from typing import Any

from app.domain.webhooks.retries import MAX_ATTEMPTS, MAX_WAIT_SECONDS
from app.domain.webhooks.retry_policies import MIN_WAIT_SECONDS

_SECONDS = {"type": "number", "minimum": MIN_WAIT_SECONDS, "maximum": MAX_WAIT_SECONDS}
_ATTEMPTS = {"type": "integer", "minimum": 1, "maximum": MAX_ATTEMPTS}
_DELAYS = {"type": "array", "items": _SECONDS, "maxItems": MAX_ATTEMPTS - 1}
# Fields of each kind; those with a default may be left out.
_FIELDS: dict[str, dict[str, dict[str, Any]]] = {
    "exponential": {
        "max_attempts": _ATTEMPTS,
        "base_seconds": _SECONDS,
        "factor": {"type": "number", "minimum": 1, "maximum": 10, "default": 2},
        "cap_seconds": _SECONDS | {"default": 3600},
        "jitter": {"type": "number", "minimum": 0, "maximum": 1, "default": 0},
    },
    "fixed": {"max_attempts": _ATTEMPTS, "interval_seconds": _SECONDS},
    "cubic": {"max_attempts": _ATTEMPTS, "cap_seconds": _SECONDS | {"default": 900}},
    "schedule": {"delays_seconds": _DELAYS},
}


def policy_schema() -> dict[str, Any]:
    return {"oneOf": [_of_kind(kind, fields) for kind, fields in _FIELDS.items()]}


def _of_kind(kind: str, fields: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "object",
        "title": kind,
        "properties": {"kind": {"type": "string", "enum": [kind]}, **fields},
        "required": ["kind", *(name for name, field in fields.items() if "default" not in field)],
        "additionalProperties": False,
    }
