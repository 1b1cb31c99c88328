"""Whole numbers in JSON bodies: 2 and 2.0 are the same number (RFC 8259, JSON Schema)."""

from collections.abc import Callable

from app.domain.common.errors import invalid

# Above it, not every whole number has a float of its own.
_EXACT = 2.0**53


def as_whole(value: object) -> int | None:
    """The number, or None if the value is no whole number."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def whole_number(low: int, high: int, default: int) -> Callable[[object, str], int]:
    """Return a check of (value, field) that returns the number, or `default` for None."""
    remedy = f"Use a whole number from {low} to {high}."

    def check(value: object, field: str) -> int:
        if value is None:
            return default
        number = as_whole(value)
        if number is None:
            raise invalid(field, "type", "Not a whole number.", remedy)
        if not low <= number <= high:
            raise invalid(field, "range", f"{number} is out of range.", remedy)
        return number

    return check
