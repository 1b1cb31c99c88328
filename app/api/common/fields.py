"""Check the fields of a small JSON body and report all errors at once.

Webhooks and events have rules for the whole body in `domain`.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from app.domain.common.errors import FieldError, Invalid, invalid
from app.domain.common.numbers import whole_number

T = TypeVar("T")


class Fields:
    """known: the fields that this body may have; others are errors."""

    def __init__(self, document: dict[str, Any], known: Sequence[str]) -> None:
        self._document = document
        remedy = f"Known fields: {', '.join(known)}."
        self._errors = [
            FieldError(name[:60], "unknown", "Unknown field.", remedy)
            for name in document
            if name not in known
        ]

    def take(self, name: str, check: Callable[[object, str], T]) -> T | None:
        """The result of `check(value, name)`, where an absent field has the value None. Its
        Invalid is raised by `done`; until then the result is None."""
        try:
            return check(self._document.get(name), name)
        except Invalid as error:
            self._errors.extend(error.errors)
            return None

    def add(self, name: str, code: str, problem: str, remedy: str) -> None:
        """An error about a field."""
        self._errors.append(FieldError(name, code, problem, remedy))

    def done(self) -> None:
        """Raise Invalid with all errors, if there are any."""
        if self._errors:
            raise Invalid(self._errors)


def optional_text(max_length: int) -> Callable[[object, str], str | None]:
    def check(value: object, field: str) -> str | None:
        remedy = f"Send a string of 1 to {max_length} characters, or omit the field."
        if value is None:
            return None
        if not isinstance(value, str):
            raise invalid(field, "type", "Not a string.", remedy)
        if not 1 <= len(value) <= max_length:
            raise invalid(field, "length", f"It has {len(value)} characters.", remedy)
        return value

    return check


def boolean(value: object, field: str) -> bool:
    if value is not None and not isinstance(value, bool):
        raise invalid(field, "type", "Neither true nor false.", "Send true or false.")
    return value is True


# Seconds for which the previous signing secret stays valid; a day by default.
OVERLAP = whole_number(0, 30 * 86_400, 86_400)
