"""The fields of a small JSON body, each through a rule of `domain`; all that is wrong is told at
once. Webhooks and events have whole-body rules of their own in `domain`."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from app.domain.common.errors import FieldError, Invalid, invalid
from app.domain.common.numbers import whole_number

T = TypeVar("T")


class Fields:
    """`known`: the fields that this body may have."""

    def __init__(self, document: dict[str, Any], known: Sequence[str]) -> None:
        self._document = document
        remedy = f"Known are: {', '.join(known)}."
        self._errors = [
            FieldError(name[:60], "unknown", "There is no such field.", remedy)
            for name in document
            if name not in known
        ]

    def take(self, name: str, check: Callable[[object, str], T]) -> T | None:
        """What `check(value, name)` makes of a field (None: absent or null); what it refuses is
        kept for `done`, and None is answered for now."""
        try:
            return check(self._document.get(name), name)
        except Invalid as error:
            self._errors.extend(error.errors)
            return None

    def done(self) -> None:
        """Raises Invalid with all that was refused."""
        if self._errors:
            raise Invalid(self._errors)


def optional_text(longest: int) -> Callable[[object, str], str | None]:
    def check(value: object, field: str) -> str | None:
        remedy = f"Give a text of 1 to {longest} characters, or leave it out."
        if value is None:
            return None
        if not isinstance(value, str):
            raise invalid(field, "type", "It is not a text.", remedy)
        if not 1 <= len(value) <= longest:
            raise invalid(field, "length", f"It has {len(value)} characters.", remedy)
        return value

    return check


def boolean(value: object, field: str) -> bool:
    if value is not None and not isinstance(value, bool):
        raise invalid(field, "type", "It is not true or false.", "Give true or false.")
    return value is True


# For how long a former signing secret is good beside the new one; a day unless told otherwise.
OVERLAP = whole_number(0, 30 * 86_400, 86_400)
