"""Whole numbers in JSON bodies."""

from collections.abc import Callable

from app.domain.common.errors import invalid


def whole_number(low: int, high: int, default: int) -> Callable[[object, str], int]:
    """Return a check of (value, field) that returns the number, or `default` for None."""
    remedy = f"Use a whole number from {low} to {high}."

    def check(value: object, field: str) -> int:
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            raise invalid(field, "type", "Not a whole number.", remedy)
        if not low <= value <= high:
            raise invalid(field, "range", f"{value} is out of range.", remedy)
        return value

    return check
