"""Events: as producers post them and as they are stored."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec


class EventFacts(msgspec.Struct, frozen=True):
    """The parts of an accepted event that matching and sending need. One is created per event and
    per delivery, and a Struct costs a fifth of a frozen dataclass.

    occurred_at: milliseconds since the epoch. payload: the original bytes of a JSON object.
    """

    id: str
    type: str
    source: str | None
    occurred_at: int
    payload: bytes


class TracedEvent(EventFacts, frozen=True):
    """An event as workers load it while traces are on. traceparent: of its span; None if it was
    accepted while they were off."""

    traceparent: str | None = None


UNCHECKED = "not checked: "


class Mismatch(msgspec.Struct, frozen=True):
    """Where a payload does not match its type's schema. path: a JSON path, `$` for the whole.
    problem: in the validator's words; after UNCHECKED, why nothing is known."""

    path: str
    problem: str


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event from a producer, validated but not yet accepted.

    occurred_at: None means the time of acceptance. producer_id: the producer's idempotency key.
    callback: a URL before merge fields are replaced. merge: pairs of field and value. values: of
    the payload, to search by; None: still to be read from it.
    """

    type: str
    payload: bytes
    source: str | None = None
    occurred_at: int | None = None
    producer_id: str | None = None
    callback: str | None = None
    callback_preset: str | None = None
    merge: tuple[tuple[str, str], ...] = ()
    ordering_key: str | None = None
    # Follows from the payload.
    values: tuple[str, ...] | None = field(default=None, compare=False)


def fingerprint(draft: EventDraft) -> bytes:
    """Return SHA-256 (32 bytes) of everything but the idempotency key.

    Two drafts with one key are the same event if their fingerprints are equal.
    """
    digest = hashlib.sha256()
    for part in _parts(draft):
        # The length before each part keeps different lists of parts distinct.
        digest.update(b"-;" if part is None else b"%d;" % len(part))
        digest.update(part or b"")
    return digest.digest()


def _parts(draft: EventDraft) -> Iterator[bytes | None]:
    occurred_at = None if draft.occurred_at is None else str(draft.occurred_at)
    texts = (draft.source, occurred_at, draft.callback, draft.callback_preset, draft.ordering_key)
    yield draft.type.encode()
    yield draft.payload
    for text in texts:
        yield None if text is None else text.encode()
    for find, replace in draft.merge:
        yield find.encode()
        yield replace.encode()
