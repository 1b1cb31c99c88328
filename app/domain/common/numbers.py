"""Whole numbers in JSON bodies."""

from collections.abc import Callable

from app.domain.common.errors import invalid


def whole_number(low: int, high: int, default: int) -> Callable[[object, str], int]:
    """A check of (value, field): the number, or `default` for None. Its Invalid tells the range."""
    remedy = f"Give a whole number from {low} to {high}."

    def check(value: object, field: str) -> int:
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            raise invalid(field, "type", "It is not a whole number.", remedy)
        if not low <= value <= high:
            raise invalid(field, "range", f"{value} is out of range.", remedy)
        return value

    return check
