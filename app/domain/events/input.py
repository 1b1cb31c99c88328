"""What producers post: the bodies of `POST /api/v1/events` and `POST /api/v1/events/batch`.

The bytes of a payload are kept exactly as they came.
"""

from dataclasses import replace
from typing import Any, NoReturn

import msgspec

from app.domain.common import names
from app.domain.common.errors import FieldError, Invalid, Malformed, TooLarge, invalid
from app.domain.common.strict_json import kind_of, oversized_number, read
from app.domain.events.event import EventDraft
from app.domain.events.fields import FIELDS, EventFields

# A batch in which each event has faults is refused with the first of them.
MOST_ERRORS = 50
MAX_BATCH_KEY = 120


class _WithPayload(msgspec.Struct):
    payload: msgspec.Raw = msgspec.Raw()


class _Batch(msgspec.Struct, forbid_unknown_fields=True):
    events: list[msgspec.Raw]


_with_payload = msgspec.json.Decoder(_WithPayload)
_batch = msgspec.json.Decoder(_Batch)


def parse_event(body: bytes, *, max_bytes: int, idempotency_key: str | None = None) -> EventDraft:
    """The event that `body` describes.

    idempotency_key: the header, which means the same as the field `id`. TooLarge: the body has more
    than `max_bytes`. Malformed: it is no strict JSON object. Invalid: all fields that are wrong.
    """
    return _parse(body, max_bytes, "", idempotency_key)


def parse_batch(
    body: bytes,
    *,
    max_event_bytes: int,
    max_events: int = 1000,
    idempotency_key: str | None = None,
) -> list[EventDraft]:
    """The events of a batch, in order.

    idempotency_key: the header; an event without an id of its own gets this with its place behind
    it, such as `key:3`. Errors as of `parse_event`; their fields and texts begin with the event's
    place, such as `events[3].type`.
    """
    _check_key_of_batch(idempotency_key)
    raws = _raw_events(body)
    if not 1 <= len(raws) <= max_events:
        remedy = f"Send 1 to {max_events} events at a time."
        raise Invalid([FieldError("events", "range", f"There are {len(raws)} events.", remedy)])
    drafts: list[EventDraft] = []
    errors: list[FieldError] = []
    for index, raw in enumerate(raws):
        try:
            draft = _parse(raw, max_event_bytes, f"events[{index}]")
            if idempotency_key is not None and draft.producer_id is None:
                draft = replace(draft, producer_id=f"{idempotency_key}:{index}")
            drafts.append(draft)
        except Malformed as error:
            raise Malformed(f"events[{index}]: {error.detail}") from None
        except Invalid as error:
            errors += error.errors
            if len(errors) >= MOST_ERRORS:
                break
    if errors:
        raise Invalid(errors[:MOST_ERRORS])
    return drafts


def _check_key_of_batch(key: str | None) -> None:
    """The places need room behind it."""
    if key is not None and not (names.is_producer_id(key) and len(key) <= MAX_BATCH_KEY):
        remedy = f"With a batch, at most {MAX_BATCH_KEY}. {names.PRODUCER_ID_REMEDY}"
        raise invalid("Idempotency-Key", "id", "The header is no such key.", remedy)


def _parse(
    raw: bytes, max_bytes: int, place: str, idempotency_key: str | None = None
) -> EventDraft:
    if len(raw) > max_bytes:
        name = place or "The event"
        raise TooLarge(f"{name} has {len(raw):,} bytes. Send at most {max_bytes:,}.")
    document = read(raw)
    if not isinstance(document, dict):
        raise Malformed(f"An event is a JSON object, and this is {kind_of(document)}.")
    fields = EventFields(document, f"{place}." if place else "")
    if not document.keys() <= FIELDS:
        fields.refuse_unknown()
    merge = fields.merge()
    draft = EventDraft(
        type=fields.type(),
        payload=_payload(raw, fields),
        source=fields.source(),
        occurred_at=fields.occurred_at(),
        producer_id=fields.producer_id(idempotency_key),
        callback=fields.callback(merge),
        callback_preset=fields.callback_preset(),
        merge=merge,
        ordering_key=fields.ordering_key(),
    )
    number = oversized_number(draft.payload)
    if number is not None:
        remedy = "Send at most 1,000 digits and an exponent up to 308, or send a string."
        fields.refuse("payload", "number", f"The number {number}… is too large.", remedy)
    if fields.errors:
        raise Invalid(fields.errors)
    return draft


def _payload(raw: bytes, fields: EventFields) -> bytes:
    return bytes(_with_payload.decode(raw).payload) if fields.has_payload() else b""


def _raw_events(body: bytes) -> list[bytes]:
    try:
        raws = [bytes(raw) for raw in _batch.decode(body).events]
    except (ValueError, RecursionError):
        _refuse_batch(body)
    # Outside of the events there is one colon, unless `events` stands there twice.
    if body.count(b":") != sum(raw.count(b":") for raw in raws) + 1:
        _refuse_batch(body)
    return raws


def _refuse_batch(body: bytes) -> NoReturn:
    """Say what is wrong with the frame of a batch."""
    document: Any = read(body)
    remedy = 'Send {"events": [...]}.'
    if not isinstance(document, dict):
        raise Malformed(f"The body is {kind_of(document)}. {remedy}")
    errors = [
        FieldError(name[:60], "unknown", "There is no such field.", remedy)
        for name in document
        if name != "events"
    ]
    events = document.get("events")
    if events is None:
        errors.append(FieldError("events", "required", "There are no events.", remedy))
    elif not isinstance(events, list):
        problem = f"It is {kind_of(events)}, not a list."
        errors.append(FieldError("events", "type", problem, remedy))
    if not errors:
        raise Malformed(f"The body cannot be read as a batch. {remedy}")
    raise Invalid(errors)
