"""Parse the bodies of `POST /api/v1/events` and `POST /api/v1/events/batch`.

Payloads keep their bytes.
"""

from dataclasses import replace
from typing import Any, NoReturn

import msgspec

from app.domain.common import names
from app.domain.common.errors import FieldError, Invalid, Malformed, TooLarge, invalid
from app.domain.common.strict_json import kind_of, oversized_number, read
from app.domain.events.event import EventDraft
from app.domain.events.fields import FIELDS, EventFields

# Only this many errors of a batch are reported.
MAX_ERRORS = 50
MAX_BATCH_KEY = 120


class _WithPayload(msgspec.Struct):
    payload: msgspec.Raw = msgspec.Raw()


class _Batch(msgspec.Struct, forbid_unknown_fields=True):
    events: list[msgspec.Raw]


_with_payload = msgspec.json.Decoder(_WithPayload)
_batch = msgspec.json.Decoder(_Batch)


def parse_event(body: bytes, *, max_bytes: int, idempotency_key: str | None = None) -> EventDraft:
    """Parse one event.

    idempotency_key: the header, which means the same as the field `id`. Raises TooLarge,
    Malformed if the body is not a strict JSON object, and Invalid with every error.
    """
    return _parse(body, max_bytes, "", idempotency_key)


def parse_batch(
    body: bytes,
    *,
    max_event_bytes: int,
    max_events: int = 1000,
    idempotency_key: str | None = None,
) -> list[EventDraft]:
    """Parse the events of a batch, in order.

    idempotency_key: the header; events without an id get this key and their index, as in `key:3`.
    Raises the errors of `parse_event`; their fields start with the event, such as `events[3].type`.
    """
    _check_key_of_batch(idempotency_key)
    raws = _raw_events(body)
    if not 1 <= len(raws) <= max_events:
        remedy = f"Send 1 to {max_events} events per batch."
        raise Invalid([FieldError("events", "range", f"The batch has {len(raws)} events.", remedy)])
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
            if len(errors) >= MAX_ERRORS:
                break
    if errors:
        raise Invalid(errors[:MAX_ERRORS])
    return drafts


def _check_key_of_batch(key: str | None) -> None:
    """Raise Invalid unless the key is valid and leaves room for the index."""
    if key is not None and not (names.is_producer_id(key) and len(key) <= MAX_BATCH_KEY):
        remedy = f"In a batch, use at most {MAX_BATCH_KEY} characters. {names.PRODUCER_ID_REMEDY}"
        raise invalid("Idempotency-Key", "id", "Invalid idempotency key.", remedy)


def _parse(raw: bytes, max_bytes: int, path: str, idempotency_key: str | None = None) -> EventDraft:
    if len(raw) > max_bytes:
        name = path or "The event"
        raise TooLarge(f"{name} has {len(raw):,} bytes. Send at most {max_bytes:,}.")
    document = read(raw)
    if not isinstance(document, dict):
        raise Malformed(f"An event must be a JSON object, not {kind_of(document)}.")
    fields = EventFields(document, f"{path}." if path else "")
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
        values=fields.values(),
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
    # There is exactly one colon outside the events, unless the key `events` is duplicated.
    if body.count(b":") != sum(raw.count(b":") for raw in raws) + 1:
        _refuse_batch(body)
    return raws


def _refuse_batch(body: bytes) -> NoReturn:
    """Raise an error for a batch whose outer object is invalid."""
    document: Any = read(body)
    remedy = 'Send {"events": [...]}.'
    if not isinstance(document, dict):
        raise Malformed(f"The body is {kind_of(document)}. {remedy}")
    errors = [
        FieldError(name[:60], "unknown", "Unknown field.", remedy)
        for name in document
        if name != "events"
    ]
    events = document.get("events")
    if events is None:
        errors.append(FieldError("events", "required", "The events are missing.", remedy))
    elif not isinstance(events, list):
        problem = f"Expected a list, got {kind_of(events)}."
        errors.append(FieldError("events", "type", problem, remedy))
    if not errors:
        raise Malformed(f"The body is not a valid batch. {remedy}")
    raise Invalid(errors)
