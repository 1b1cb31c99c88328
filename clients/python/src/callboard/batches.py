"""Events as bytes, and batches of them in one request."""

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, cast

from callboard.errors import ApiError, TooLarge
from callboard.models import AcceptedEvent
from callboard.times import Time, time_text
from callboard.transport import Transport

MAX_BATCH = 1000
# Well below the server's default of 16 MiB, so that proxies take it as well.
MAX_BATCH_BYTES = 8 << 20

_INDEX = re.compile(r"events\[(\d+)\]")
_WITHOUT_MEMBERS = re.compile(rb"\{\s*\}")


class Replacement(TypedDict):
    find: str
    replace: str


class EventFields(TypedDict, total=False):
    """What an event can have besides its type and payload.

    id: makes a repeat harmless; generated where it is absent. callback: a URL that this event goes
    to once. merge: fills {{FIND}} in `callback`.
    """

    id: str
    source: str | None
    occurred_at: Time | None
    ordering_key: str | None
    callback: str | None
    callback_preset: str | None
    merge: list[Replacement] | None


class _EventFacts(TypedDict):
    type: str
    payload: Mapping[str, Any]


class EventInput(EventFields, _EventFacts):
    """An event to post."""


def new_id() -> str:
    return uuid.uuid4().hex


def encode(event: Mapping[str, Any]) -> bytes:
    """JSON of an event. ValueError, TypeError: the payload cannot be written as JSON."""
    document = {name: value for name, value in event.items() if value is not None}
    if isinstance(document.get("occurred_at"), datetime):
        document["occurred_at"] = time_text(document["occurred_at"])
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def with_id(raw: bytes, event_id: str) -> bytes:
    """`raw`, the JSON object of an event without an id, with one. All other bytes are kept: a
    payload's numbers would not survive parsing."""
    raw = raw.strip()
    member = b'{"id":' + json.dumps(event_id).encode()
    return member + b"}" if _WITHOUT_MEMBERS.fullmatch(raw) else member + b"," + raw[1:]


def post(transport: Transport, raw_events: Sequence[bytes]) -> list[AcceptedEvent]:
    """Post up to 1,000 events in one request: all are accepted, or none.

    Each must have an id, so that the request can be repeated.
    """
    body = b'{"events":[' + b",".join(raw_events) + b"]}"
    response = transport.request("POST", "/events/batch", body=body, repeatable=True)
    return cast("list[AcceptedEvent]", response["events"])


def refused_index(error: ApiError) -> int | None:
    """Which event of a batch caused the error, from 0; None if the error is about none of them."""
    for text in (*(problem.field for problem in error.errors), error.detail):
        match = _INDEX.match(text)
        if match:
            return int(match[1])
    return None


def is_too_many_bytes(error: ApiError, count: int) -> bool:
    """Whether the batch as a whole was too large, so that smaller ones can be accepted."""
    return isinstance(error, TooLarge) and count > 1 and refused_index(error) is None
