"""Lists that are turned by `iterator` and `prevIterator`."""

from collections.abc import Callable, Sequence
from typing import Any

from app.compat.common.listing import whole_number
from app.compat.common.views import Document
from app.compat.svix.common import ids
from app.domain.common.clock import parse_iso
from app.domain.common.errors import FieldError, Invalid, invalid
from app.http.messages import Request
from app.queries.common.turns import Turn, Turned

LIMIT, MAX_LIMIT = 50, 250
_BACK = "-"

# The key of an iterator's row, or None for a malformed one.
ReadKey = Callable[[str], str | None]


def read_id(prefix: str) -> ReadKey:
    return lambda text: ids.read(prefix, text)


def read_attempt(text: str) -> str | None:
    key = ids.read_attempt(text)
    return None if key is None else f"{key[0]}.{key[1]}"


def read_name(text: str) -> str | None:
    return text if 0 < len(text) <= 128 and text.isprintable() else None


def turn_of(request: Request, read_key: ReadKey, *, ascending: bool = False) -> tuple[Turn, int]:
    """The direction, and the limit. ascending: the order where the request names none. Invalid."""
    query = request.query_fields()
    try:
        limit = whole_number(query, "limit", LIMIT, 1, MAX_LIMIT)
    except Invalid as error:
        raise _of_query(error) from None
    order = query.get("order") or ("ascending" if ascending else "descending")
    if order not in ("ascending", "descending"):
        remedy = "Use ascending or descending."
        raise invalid("query.order", "choice", "Unknown order.", remedy)
    iterator = query.get("iterator") or ""
    backwards = iterator.startswith(_BACK)
    start = read_key(iterator.removeprefix(_BACK)) if iterator else None
    if iterator and start is None:
        remedy = "Pass `iterator` or `prevIterator` of another page unchanged."
        raise invalid("query.iterator", "iterator", "Invalid iterator.", remedy)
    return Turn(start, backwards, order == "ascending"), limit


def page(documents: Sequence[Document], turned: Turned, prefix: str = "") -> Document:
    return {
        "data": list(documents),
        "iterator": None if turned.last is None else prefix + turned.last,
        "prevIterator": None if turned.first is None else _BACK + prefix + turned.first,
        "done": turned.done,
    }


def sliced(rows: Sequence[Any], key: Callable[[Any], str], turn: Turn, limit: int) -> Turned:
    """A page of rows that are all in memory, in ascending order."""
    ordered = list(rows) if turn.ascending else list(rows)[::-1]
    if turn.start is not None:
        start, ascending = turn.start, turn.ascending != turn.backwards
        ordered = [r for r in ordered if (key(r) > start if ascending else key(r) < start)]
    shown = ordered[-limit:] if turn.backwards else ordered[:limit]
    first, last = (key(shown[0]), key(shown[-1])) if shown else (turn.start, turn.start)
    return Turned(shown, first, last, len(ordered) <= limit)


def moment_of(request: Request, name: str) -> int | None:
    """A time in the query, in milliseconds since the epoch. Invalid."""
    text = request.query_fields().get(name)
    if not text:
        return None
    try:
        # A client that does not encode the plus sign of the offset sends a space.
        return parse_iso(text.replace(" ", "+"))
    except (ValueError, OverflowError):
        remedy = "Use a time in ISO 8601 such as 2026-02-24T11:52:20Z."
        raise invalid(f"query.{name}", "time", "Not a time.", remedy) from None


def flag_of(request: Request, name: str, *, default: bool = False) -> bool:
    text = request.query_fields().get(name, "").lower()
    return default if text not in ("true", "false") else text == "true"


def names_of(request: Request, name: str) -> list[str]:
    """A list: repeated, or separated by commas."""
    values = [value for key, value in request.query_pairs() if key in (name, f"{name}[]")]
    return [part for value in values for part in value.split(",") if part]


def choice_of(request: Request, name: str, allowed: Sequence[int]) -> int | None:
    text = request.query_fields().get(name)
    if not text:
        return None
    if text not in {str(number) for number in allowed}:
        remedy = f"Use one of {', '.join(str(number) for number in allowed)}."
        raise invalid(f"query.{name}", "choice", "Unknown value.", remedy)
    return int(text)


def _of_query(error: Invalid) -> Invalid:
    return Invalid(
        [FieldError(f"query.{e.field}", e.code, e.problem, e.remedy) for e in error.errors]
    )
