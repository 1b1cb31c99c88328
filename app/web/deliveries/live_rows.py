"""What a list of deliveries remembers of its rows, so that it can ask what has changed."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self
from uuid import UUID

from app.queries.deliveries.listing import DeliveryRow

# In characters: an id, and the mark of what the row shows.
ID, MARK = 22, 4
MOST = 200


@dataclass(frozen=True, slots=True)
class Live:
    """rows: (id, mark) of each row that stands on the page. newest: the id above which a delivery
    is new to the page; None on pages of older ones, which wait for none. news: how many new ones it
    has told of."""

    rows: tuple[tuple[str, str], ...]
    newest: str | None
    news: int = 0

    @classmethod
    def of(cls, rows: Iterable[DeliveryRow], newest: str | None) -> Self:
        return cls(tuple((row.id, mark(row)) for row in rows), newest)

    @classmethod
    def read(cls, packed: str, newest: str | None, news: str) -> Self:
        """As it came back in an address; what cannot be read is left out."""
        units = [packed[at : at + ID + MARK] for at in range(0, len(packed), ID + MARK)][:MOST]
        rows = [(_id(unit[:ID]), unit[ID:]) for unit in units]
        told = int(news) if news.isascii() and news.isdigit() and len(news) < 4 else 0
        return cls(tuple((id_, mark) for id_, mark in rows if id_), newest, told)

    @property
    def packed(self) -> str:
        return "".join(_packed(id_) + mark for id_, mark in self.rows)

    def changed(self, rows: Iterable[DeliveryRow]) -> list[DeliveryRow]:
        """Those of `rows` that show something else now."""
        known = dict(self.rows)
        return [row for row in rows if known.get(row.id) != mark(row)]

    def now(self, rows: Iterable[DeliveryRow], newest: str | None, news: int) -> Self:
        """With what `rows` show now."""
        marks = dict(self.rows) | {row.id: mark(row) for row in rows}
        return type(self)(tuple(marks.items()), newest, news)


def mark(row: DeliveryRow) -> str:
    kept = row.delivery
    shown = (
        row.state, row.next_attempt_at, row.held, row.blocked,
        kept.attempts, kept.last_status, kept.last_cause,
    )  # fmt: skip
    return urlsafe_b64encode(blake2b(repr(shown).encode(), digest_size=3).digest()).decode()


def _packed(id_: str) -> str:
    return urlsafe_b64encode(UUID(id_).bytes).decode().rstrip("=")


def _id(text: str) -> str | None:
    try:
        return str(UUID(bytes=urlsafe_b64decode(text + "==")))
    except (ValueError, binascii.Error):
        return None
