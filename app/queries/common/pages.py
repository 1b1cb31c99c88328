"""Cursor pagination, newest first, with bounded work for each page."""

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.domain.common.errors import Invalid, invalid
from app.domain.common.ids import is_id
from app.queries.common.pace import Pace

T = TypeVar("T")

# Rows that are examined at once, at most, where no index serves a filter.
EXAMINED = 5_000
# The same where each row requires reading a payload.
EXAMINED_TEXTS = 1_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """rows: newest first. next_cursor: opaque, None at the end. A page may have fewer rows than
    asked for, even none, and still have a cursor, if it examined the maximum number of rows.
    """

    rows: list[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one source of a page returned. rows: objects with an `id`, newest first, or oldest first
    when reading upwards. edge: the last id that it examined; None: it reached the end."""

    rows: list[Any]
    edge: str | None


# Reads from an id, excluded (None: from the end of the list), at most a number of rows: downwards
# to older ones, or upwards.
Source = Callable[[str | None, int, bool], Stretch]


def encode_cursor(last_id: str) -> str:
    return base64.urlsafe_b64encode(f"1:{last_id}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, *, is_key: Callable[[str], bool] = is_id) -> str | None:
    """The id below which the page starts; None: the first page. is_key: whether the text can be
    one. Invalid on `cursor`."""
    if cursor is None or cursor == "":
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        version, _, last_id = raw.decode("ascii").partition(":")
    except (ValueError, binascii.Error) as error:
        raise bad_cursor() from error
    if version != "1" or not is_key(last_id):
        raise bad_cursor()
    return last_id


def bad_cursor() -> Invalid:
    return invalid(
        "cursor",
        "cursor",
        "Invalid cursor.",
        "Pass `next_cursor` of the previous page unchanged, or no cursor for the first page.",
    )


def cut(rows: list[Any], edge: str | None, limit: int) -> Stretch:
    """rows: up to one more than `limit`. edge: the last id that was examined."""
    return Stretch(rows, rows[limit].id if len(rows) > limit else edge)


def merged(
    sources: Iterable[Source], start: str | None, limit: int, *, upwards: bool = False
) -> Stretch:
    """The first `limit` rows of all sources, without duplicates, as far as every source has
    examined."""
    stretches = [source(start, limit, upwards) for source in sources]
    edges = [stretch.edge for stretch in stretches if stretch.edge is not None]
    edge = (min if upwards else max)(edges, default=None)
    rows = {row.id: row for stretch in stretches for row in stretch.rows}
    ids = sorted(rows, reverse=not upwards)
    if edge is not None:
        ids = [key for key in ids if (key <= edge if upwards else key >= edge)]
    return taken(Stretch([rows[key] for key in ids], edge), limit)


def searched(
    step: Callable[[str | None, int, int], Stretch],
    start: str | None,
    limit: int,
    *,
    examined: int | None = None,
) -> Stretch:
    """The first `limit` rows, as far as the time of a page goes. step: reads from an id, excluded,
    at most a number of rows, and examines at most another number. examined: the rows to examine
    whatever time they take, for what must be the same each time it is read."""
    rows: list[Any] = []
    edge = start
    paced = Pace.starting(is_first=start is None).steps()
    for size in paced if examined is None else (examined,):
        stretch = step(edge, limit - len(rows), size)
        rows += stretch.rows
        edge = stretch.edge
        if edge is None or len(rows) >= limit:
            break
    return Stretch(rows, edge)


def taken(stretch: Stretch, limit: int) -> Stretch:
    """At most `limit` rows; the next page continues after the last one."""
    if len(stretch.rows) > limit:
        return Stretch(stretch.rows[:limit], stretch.rows[limit - 1].id)
    return stretch


def next_cursor(stretch: Stretch) -> str | None:
    return None if stretch.edge is None else encode_cursor(stretch.edge)
