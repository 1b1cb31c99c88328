"""Encode what a list of deliveries shows, so that it can ask what has changed."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self
from uuid import UUID

from app.queries.deliveries.listing import DeliveryRow

# In characters: an id, and the digest of what its row shows.
ID, DIGEST = 22, 4
MAX_ROWS = 200


@dataclass(frozen=True, slots=True)
class Live:
    """rows: (id, digest) of each row on the page. newest: deliveries with a higher id are new to
    the page; None on pages of older deliveries. new_count: new deliveries that the page has
    announced."""

    rows: tuple[tuple[str, str], ...]
    newest: str | None
    new_count: int = 0

    @classmethod
    def of(cls, rows: Iterable[DeliveryRow], newest: str | None) -> Self:
        return cls(tuple((row.id, digest_of(row)) for row in rows), newest)

    @classmethod
    def read(cls, packed: str, newest: str | None, new_count: str) -> Self:
        """From URL parameters; unreadable parts are ignored."""
        size = ID + DIGEST
        units = [packed[start : start + size] for start in range(0, len(packed), size)][:MAX_ROWS]
        rows = [(_id(unit[:ID]), unit[ID:]) for unit in units]
        is_number = new_count.isascii() and new_count.isdigit() and len(new_count) < 4
        announced = int(new_count) if is_number else 0
        return cls(tuple((id_, digest) for id_, digest in rows if id_), newest, announced)

    @property
    def packed(self) -> str:
        return "".join(_packed(id_) + digest for id_, digest in self.rows)

    def changed(self, rows: Iterable[DeliveryRow]) -> list[DeliveryRow]:
        """Those of `rows` that differ from what the page shows."""
        digests = dict(self.rows)
        return [row for row in rows if digests.get(row.id) != digest_of(row)]

    def now(self, rows: Iterable[DeliveryRow], newest: str | None, new_count: int) -> Self:
        """With `rows` updated."""
        digests = dict(self.rows) | {row.id: digest_of(row) for row in rows}
        return type(self)(tuple(digests.items()), newest, new_count)


def digest_of(row: DeliveryRow) -> str:
    delivery = row.delivery
    shown = (
        row.state,
        row.next_attempt_at,
        row.held,
        row.blocked,
        delivery.attempts,
        delivery.last_status,
        delivery.last_cause,
    )
    return urlsafe_b64encode(blake2b(repr(shown).encode(), digest_size=3).digest()).decode()


def _packed(id_: str) -> str:
    return urlsafe_b64encode(UUID(id_).bytes).decode().rstrip("=")


def _id(text: str) -> str | None:
    try:
        return str(UUID(bytes=urlsafe_b64decode(text + "==")))
    except (ValueError, binascii.Error):
        return None
