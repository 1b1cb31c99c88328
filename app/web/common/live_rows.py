"""Encode what a list shows, so that it can ask every few seconds what has changed."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self
from uuid import UUID

from app.queries.common.pages import Stretch

# In characters: an id, and the digest of what its row shows.
ID, DIGEST = 22, 4
MAX_ROWS = 200
# New rows are counted up to this number.
MAX_NEW = 99


@dataclass(frozen=True, slots=True)
class Live:
    """rows: (id, digest) of each row on the page. newest: rows with a higher id are new to the
    page; None on pages of older rows. new_count: new rows that the page has announced."""

    rows: tuple[tuple[str, str], ...]
    newest: str | None
    new_count: int = 0

    @classmethod
    def of(cls, digests: Mapping[str, str], newest: str | None) -> Self:
        """digests: {id: digest}, in the order of the rows."""
        return cls(tuple(digests.items()), newest)

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
    def ids(self) -> list[str]:
        return [id_ for id_, _ in self.rows]

    @property
    def packed(self) -> str:
        return "".join(_packed(id_) + digest for id_, digest in self.rows)

    def changed(self, digests: Mapping[str, str]) -> list[str]:
        """Ids of rows that differ from what the page shows."""
        shown = dict(self.rows)
        return [id_ for id_, digest in digests.items() if shown.get(id_) != digest]

    def now(self, digests: Mapping[str, str], newest: str | None, new_count: int) -> Self:
        """With the digests of changed rows."""
        rows = dict(self.rows) | dict(digests)
        return type(self)(tuple(rows.items()), newest, new_count)


def digest_of(shown: object) -> str:
    """shown: what a row shows, as values with a stable `repr`."""
    return urlsafe_b64encode(blake2b(repr(shown).encode(), digest_size=3).digest()).decode()


def count_new(
    newest: str | None, ids_above: Callable[[str, int], Stretch]
) -> tuple[int, str | None]:
    """(number of new rows, or MAX_NEW + 1 for more; the id to start from next time). Rows that were
    examined without a match are not examined again. ids_above: reads at most a number of matching
    rows above an id, oldest first."""
    if newest is None:
        return 0, None
    stretch = ids_above(newest, MAX_NEW)
    if not stretch.rows:
        return 0, stretch.edge or newest
    return len(stretch.rows) + (stretch.edge is not None), newest


def _packed(id_: str) -> str:
    return urlsafe_b64encode(UUID(id_).bytes).decode().rstrip("=")


def _id(text: str) -> str | None:
    try:
        return str(UUID(bytes=urlsafe_b64decode(text + "==")))
    except (ValueError, binascii.Error):
        return None
