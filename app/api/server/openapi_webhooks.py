"""The description's `webhooks`: the events that Callboard itself publishes."""

import re
from typing import Any

from app.domain.event_types.callbacks import in_envelope, path_item
from app.domain.event_types.names import PRODUCT_TYPES, SAMPLES
from app.domain.notifications.payloads import PAYLOADS

assert PAYLOADS.keys() == PRODUCT_TYPES

TYPES = tuple(type_ for type_ in PAYLOADS.values() if type_ is not dict)
_TIME = "2026-02-24T11:52:20.810Z"
_WORD = re.compile(r"[._]")


def webhooks(schema_of: Any) -> dict[str, Any]:
    """By event type. schema_of: returns the schema of a type of `PAYLOADS`."""
    return {name: _described(name, schema_of(PAYLOADS[name])) for name in sorted(PAYLOADS)}


def operation_of(event_type: str) -> str:
    """Such as `receiveWebhookDisabled`."""
    return "receive" + "".join(word.capitalize() for word in _WORD.split(event_type))


def _described(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    sample = SAMPLES[name]
    example = {"type": name, "timestamp": _TIME, "data": sample.payload}
    item = path_item(sample.description, {"schema": in_envelope(name, schema), "example": example})
    item["post"] = {"operationId": operation_of(name), "tags": ["System events"], **item["post"]}
    return item
