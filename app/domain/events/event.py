"""An event: what a producer posts, and what is kept of it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What choosing and sending need of an event that was accepted.

    occurred_at: milliseconds since the epoch. payload: the bytes of a JSON object as they came in.
    """

    id: str
    type: str
    source: str | None
    occurred_at: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event as a producer posted it, checked and not yet accepted.

    occurred_at: None means the moment of acceptance. producer_id: the producer's idempotency key.
    callback: a URL, before merging. merge: pairs of what is found and what replaces it.
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


def fingerprint(draft: EventDraft) -> bytes:
    """SHA-256 (32 bytes) over all that a producer said but for the idempotency key itself.

    Two drafts under one key are the same event when their fingerprints are equal.
    """
    digest = hashlib.sha256()
    for part in _said(draft):
        # Each part is preceded by its length, so that no two lists of parts look alike.
        digest.update(b"-;" if part is None else b"%d;" % len(part))
        digest.update(part or b"")
    return digest.digest()


def _said(draft: EventDraft) -> Iterator[bytes | None]:
    occurred_at = None if draft.occurred_at is None else str(draft.occurred_at)
    texts = (draft.source, occurred_at, draft.callback, draft.callback_preset, draft.ordering_key)
    yield draft.type.encode()
    yield draft.payload
    for text in texts:
        yield None if text is None else text.encode()
    for find, replace in draft.merge:
        yield find.encode()
        yield replace.encode()
