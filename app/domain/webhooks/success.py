"""Success rules: which response status codes count as success."""

import re
from collections.abc import Iterable

from app.domain.common.errors import Invalid, invalid
from app.domain.common.numbers import as_whole

LOWEST, HIGHEST = 200, 599

# An item of a list, as JSON Schema.
STATUS = {
    "type": ["integer", "string"],
    "minimum": LOWEST,
    "maximum": HIGHEST,
    "pattern": "^([2-5][0-9]{2}(-[2-5][0-9]{2})?|[2-5][xX]{2})$",
}
_RANGE = re.compile(r"([0-9]{3})(?:-([0-9]{3}))?|([2-5])[xX]{2}")
_REMEDY = (
    f"List status codes from {LOWEST} to {HIGHEST}, each as a number (204),"
    ' a range ("200-299") or a class ("2xx").'
)


class StatusRule:
    """The status codes that count as success. statuses: as returned by `parse_statuses`."""

    __slots__ = ("_accepted", "statuses")

    def __init__(self, statuses: Iterable[str]) -> None:
        self.statuses = tuple(statuses)
        spans = [_span(text) for text in self.statuses]
        self._accepted = frozenset(n for span in spans if span for n in range(span[0], span[1] + 1))

    def accepts(self, status: int) -> bool:
        return status in self._accepted

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StatusRule) and other._accepted == self._accepted

    def __hash__(self) -> int:
        return hash(self._accepted)

    def __repr__(self) -> str:
        return f"StatusRule({list(self.statuses)})"


def parse_statuses(value: object, field: str = "success_statuses") -> list[str]:
    """Return the normal form, such as `["200-299", "404"]`: sorted, with adjacent ranges merged.

    value: a list of numbers, ranges and classes, or a string of them separated by commas.
    """
    items = value.split(",") if isinstance(value, str) else value
    if isinstance(items, int) and not isinstance(items, bool):
        items = [items]
    if not isinstance(items, list | tuple):
        raise invalid(field, "type", "Not a list of status codes.", _REMEDY)
    if not items:
        raise invalid(
            field, "required", "The list is empty: no status code would count as success.", _REMEDY
        )
    return [_text(low, high) for low, high in _joined(_checked(item, field) for item in items)]


def _checked(item: object, field: str) -> tuple[int, int]:
    number = as_whole(item)
    if isinstance(item, str):
        span, name = _span(item.strip()), repr(item[:40])
    elif number is not None:
        span, name = (number, number), "A number"
    else:
        span, name = None, "An entry"
    if span is None:
        raise _bad(field, f"{name} is not a status code, a range or a class.")
    low, high = span
    if low < LOWEST or high > HIGHEST or low > high:
        raise _bad(field, f"{name} is not within {LOWEST} to {HIGHEST}, lower bound first.")
    return span


def _bad(field: str, problem: str) -> Invalid:
    return invalid(field, "range", problem, _REMEDY)


def _span(text: str) -> tuple[int, int] | None:
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    low, high, hundreds = match.groups()
    if hundreds:
        return int(hundreds) * 100, int(hundreds) * 100 + 99
    return int(low), int(high or low)


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def _text(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"
