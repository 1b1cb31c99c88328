"""What an expression can cost at most, from its text and the size of the event alone.

Where this bound is low the expression runs in the process that asks; all others run in the
sandbox. No loop over the event's elements, and no function whose cost grows faster than its input,
has a bound here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.expressions.interpreter import STEP, Node
from app.domain.expressions.syntax import children_of

# About a millisecond.
CHEAP_UNITS = 10_000
# Reading a larger payload takes longer than most expressions over it: the sandbox does both.
CHEAP_PAYLOAD_BYTES = 64 << 10

# Units for each byte of the smaller of two values that are compared: an element has at least two
# bytes, a pair at least five.
_COMPARE = 2.0
# `functions.find_cost`, for each character, of a text of so many characters at most.
_FIND, _LONGEST_FIND = 1 / 80, 2_500
# The same for a number or a short text that is looked for in a list.
_LOOK = 0.25
# Growth beyond this is no longer added up.
_MAX_GROWTH = 1e6
_CHAINED = frozenset({"subexpression", "index_expression", "pipe"})
_EITHER = frozenset({"or_expression", "and_expression", "not_expression"})
_LEAVES = frozenset({"field", "index", "current", "identity"})
# Functions whose cost does not depend on the size of their input, or hardly.
_LIGHT = frozenset(
    {"length", "starts_with", "ends_with", "type", "abs", "ceil", "floor", "not_null", "to_array"}
)
_CALL = 40.0


@dataclass(frozen=True, slots=True)
class Linear:
    """fixed + per_byte * size."""

    fixed: float = 0.0
    per_byte: float = 0.0

    def __add__(self, other: "Linear") -> "Linear":
        return Linear(self.fixed + other.fixed, self.per_byte + other.per_byte)

    def times(self, factor: float) -> "Linear":
        return Linear(self.fixed * factor, self.per_byte * factor)

    def of(self, size: "Linear") -> "Linear":
        """As a function of the size that `size` was a function of."""
        return Linear(self.fixed) + size.times(self.per_byte)

    def at(self, size: int) -> float:
        return self.fixed + self.per_byte * size


@dataclass(frozen=True, slots=True)
class Bound:
    """units: of CPU at most, and length: of the value as JSON at most, for an input of so many
    bytes of JSON. is_scalar: the value is a literal text, number, boolean or null."""

    units: Linear
    length: Linear
    is_scalar: bool = False


def bound_of(tree: Node) -> Bound | None:
    """None: there is no useful bound."""
    kind, below = tree["type"], []
    for child in children_of(tree):
        bound = bound_of(child)
        if bound is None:
            return None
        below.append(bound)
    bound = _bound(kind, tree.get("value"), below)
    if bound is None or max(bound.units.per_byte, bound.length.per_byte) > _MAX_GROWTH:
        return None
    return bound


def _bound(kind: str, value: object, below: Sequence[Bound]) -> Bound | None:
    if kind in _LEAVES:
        return Bound(Linear(STEP), Linear(0, 1))
    if kind == "literal":
        is_scalar = not isinstance(value, (list, dict))
        return Bound(Linear(STEP), Linear(2 + 6 * len(str(value))), is_scalar)
    if kind in _CHAINED:
        return _chained(below)
    if kind in _EITHER or kind == "key_val_pair":
        return Bound(Linear(STEP) + _units(below), _larger(below) + Linear(5))
    if kind == "comparator":
        return _comparison(below)
    if kind in ("multi_select_list", "multi_select_dict"):
        step = Linear(STEP + 2 + len(below) / 2)
        # Names of an object's fields come from the expression's 4,000 characters.
        return Bound(step + _units(below), _lengths(below) + Linear(4_002))
    if kind == "function_expression":
        return _call(str(value), below)
    return None


def _units(below: Sequence[Bound]) -> Linear:
    return sum((bound.units for bound in below), Linear())


def _lengths(below: Sequence[Bound]) -> Linear:
    return sum((bound.length for bound in below), Linear())


def _larger(below: Sequence[Bound]) -> Linear:
    return Linear(
        max(bound.length.fixed for bound in below), max(bound.length.per_byte for bound in below)
    )


def _smaller(below: Sequence[Bound]) -> Linear:
    """The length of the smaller value, whatever the size of the input."""
    return min(
        (bound.length for bound in below), key=lambda length: (length.per_byte, length.fixed)
    )


def _chained(below: Sequence[Bound]) -> Bound:
    """Each part works on the value of the part before it."""
    units, length = Linear(STEP), Linear(0, 1)
    for bound in below:
        units += bound.units.of(length)
        length = bound.length.of(length)
    return Bound(units, length)


def _comparison(below: Sequence[Bound]) -> Bound:
    units = Linear(2 * STEP) + _units(below) + _smaller(below).times(_COMPARE)
    return Bound(units, Linear(5))


def _call(name: str, below: Sequence[Bound]) -> Bound | None:
    units = Linear(_CALL) + _units(below)
    if name == "contains":
        return Bound(units + _search(*below), Linear(5))
    if name not in _LIGHT:
        return None
    # What of it is looked at: a prefix, for one; never more than a 256th.
    units += _lengths(below).times(1 / 256)
    length = _larger(below) + Linear(30)
    return Bound(units, length)


def _search(subject: Bound, search: Bound) -> Linear:
    """Units of looking for a value in a text or in a list."""
    needle = min(search.length.fixed, _LONGEST_FIND) if search.is_scalar else _LONGEST_FIND
    in_list = _LOOK * (1 + needle / 64) if search.is_scalar else 2 * _COMPARE
    return Linear(2) + subject.length.times(max((2 + needle) * _FIND, in_list))
