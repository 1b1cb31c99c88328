"""Read the fields of a request, and report all errors at once. Unknown fields are ignored, as Svix
does."""

from collections.abc import Mapping
from typing import Any

from app.compat.svix.common.errors import not_supported
from app.domain.common.clock import parse_iso
from app.domain.common.errors import FieldError, Invalid
from app.domain.common.uids import check_uid

MAX_TEXT = 2_000
MAX_STRINGS = 500


class Body:
    """errors: found so far; `done` raises them. Null counts as absent."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = fields
        self.errors: list[FieldError] = []

    def has(self, name: str) -> bool:
        """Whether the request has the field, even as null."""
        return name in self.fields

    def text(self, name: str, *, required: bool = False, longest: int = MAX_TEXT) -> str:
        value = self._value(name, required=required)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fault(name, "type", "Not a string.", "Send a string.")
            return ""
        if len(value) > longest:
            self.fault(name, "length", f"It has {len(value)} characters.", f"Use {longest}.")
        return value

    def whole(self, name: str, low: int, high: int) -> int | None:
        value = self._value(name)
        if value is None:
            return None
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if not is_number or not low <= value <= high:
            remedy = f"Use a whole number from {low} to {high}."
            self.fault(name, "range", "Not such a number.", remedy)
            return None
        number: int = value
        return number

    def flag(self, name: str) -> bool:
        value = self._value(name)
        if value is not None and not isinstance(value, bool):
            self.fault(name, "type", "Neither true nor false.", "Send true or false.")
        return value is True

    def strings(self, name: str) -> list[str] | None:
        value = self._value(name)
        if value is None:
            return None
        is_list = isinstance(value, list) and all(isinstance(item, str) for item in value)
        if not is_list or len(value) > MAX_STRINGS:
            remedy = f"Send a list of at most {MAX_STRINGS} strings."
            self.fault(name, "type", "Not such a list.", remedy)
            return None
        return list(value)

    def pairs(self, name: str) -> dict[str, str] | None:
        """An object of strings."""
        value = self._value(name)
        if value is None:
            return None
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            self.fault(name, "type", "Not an object of strings.", 'Send one such as {"a": "b"}.')
            return None
        return dict(value)

    def moment(self, name: str, *, required: bool = False) -> int | None:
        """Milliseconds since the epoch."""
        value = self._value(name, required=required)
        if value is None:
            return None
        try:
            return parse_iso(value)
        except (TypeError, ValueError, OverflowError):
            remedy = "Send a time in ISO 8601 such as 2026-02-24T11:52:20Z."
            self.fault(name, "time", "Not a time.", remedy)
            return None

    def uid(self) -> str | None:
        try:
            return check_uid(self.fields.get("uid"))
        except Invalid as error:
            self.errors += error.errors
            return None

    def refuse(self, sentence: str, *names: str) -> None:
        """Raise 501 if one of these fields has a value."""
        if any(self.fields.get(name) not in (None, False, [], {}, "") for name in names):
            raise not_supported(sentence)

    def fault(self, name: str, code: str, problem: str, remedy: str) -> None:
        self.errors.append(FieldError(name, code, problem, remedy))

    def done(self) -> None:
        """Raise Invalid with all errors, if there are any."""
        if self.errors:
            raise Invalid(self.errors)

    def _value(self, name: str, *, required: bool = False) -> Any:
        value = self.fields.get(name)
        if value is None and required:
            self.fault(name, "required", "The field is required.", "")
        return value
