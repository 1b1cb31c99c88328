"""The budget of one evaluation, in units that do not depend on the machine or its load.

The same expression over the same event uses the same number of units in every process, so the web
process and the worker always reach the same verdict. A unit is about 100 ns of CPU.
"""

from typing import Any

from app.domain.expressions.errors import OverBudget

# About 50 ms of CPU.
MAX_UNITS = 500_000
# Memory allocated over the whole evaluation; what is freed meanwhile counts, too.
MAX_BYTES = 16 << 20
# Of any value that an expression creates.
MAX_TEXT = 1 << 20
MAX_ELEMENTS = 100_000

_ELEMENT_BYTES = 32
_TIME = "It takes too much time on this event: more than 50 ms of CPU."
_MEMORY = "It takes too much memory on this event: more than 16 MiB."
_TEXT = "It creates a text of more than 1 MiB on this event."
_ELEMENTS = "It creates a list or an object of more than 100,000 elements on this event."


class Meter:
    """Charge before the work is done; OverBudget when the budget does not cover it."""

    __slots__ = ("allocated", "limit", "units")

    def __init__(self, limit: int = MAX_UNITS) -> None:
        self.limit = limit
        self.units = 0
        self.allocated = 0

    def work(self, units: int) -> None:
        self.units += units
        if self.units > self.limit:
            raise OverBudget(_TIME)

    def text(self, length: int) -> None:
        """A new text of so many characters."""
        if length > MAX_TEXT:
            raise OverBudget(_TEXT)
        self._allocate(4 * length)
        self.work(1 + (length >> 7))

    def elements(self, number: int) -> None:
        """A new list or object of so many elements."""
        if number > MAX_ELEMENTS:
            raise OverBudget(_ELEMENTS)
        self._allocate(64 + _ELEMENT_BYTES * number)
        self.work(1 + (number >> 2))

    def _allocate(self, size: int) -> None:
        self.allocated += size
        if self.allocated > MAX_BYTES:
            raise OverBudget(_MEMORY)

    def json_length(self, value: Any, most: int) -> int:
        """Charge for writing `value` as JSON; its length at least, counted up to `most` characters.
        A value that an expression built can repeat its input many times at no cost, so the walk is
        charged by itself."""
        waiting, size = [value], 0
        while waiting:
            item = waiting.pop()
            size += 4
            if isinstance(item, str):
                size += len(item)
                self.work(1 + (len(item) >> 5))
            elif isinstance(item, list):
                self.work(1 + 4 * len(item))
                waiting.extend(item)
            elif isinstance(item, dict):
                names = sum(map(len, item))
                size += names
                self.work(1 + 6 * len(item) + (names >> 5))
                waiting.extend(item.values())
            else:
                self.work(1 + digits_cost(item))
                size += digits_length(item)
            if size > most:
                break
        return size

    def equal(self, left: Any, right: Any) -> bool:
        """As Python's own comparison of lists, objects and scalars, charged by the pair."""
        pairs = [(left, right)]
        while pairs:
            left_item, right_item = pairs.pop()
            if left_item is right_item:
                continue
            if isinstance(left_item, list) and isinstance(right_item, list):
                if len(left_item) != len(right_item):
                    return False
                self.work(2 + 2 * len(left_item))
                pairs.extend(zip(left_item, right_item, strict=True))
            elif isinstance(left_item, dict) and isinstance(right_item, dict):
                if len(left_item) != len(right_item):
                    return False
                self.work(2 + 4 * len(left_item))
                if left_item.keys() != right_item.keys():
                    return False
                pairs.extend((item, right_item[name]) for name, item in left_item.items())
            else:
                self.work(1 + (len(left_item) >> 8 if isinstance(left_item, str) else 0))
                if left_item != right_item:
                    return False
        return True


def digits_length(number: Any) -> int:
    return number.bit_length() // 3 if type(number) is int else 20


def digits_cost(number: Any) -> int:
    """Units of writing a number, which takes the square of its length."""
    if type(number) is int:
        return (number.bit_length() ** 2) >> 17
    return 6 if type(number) is float else 1
