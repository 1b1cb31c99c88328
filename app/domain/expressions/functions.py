"""JMESPath's functions, each charged by the size of what goes in and what comes out."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import jmespath.exceptions
from jmespath.functions import Functions, signature

from app.domain.expressions.meter import MAX_TEXT, Meter

# Finding a short text in one that is not long, Python may compare at every position.
_SHORT, _QUADRATIC, _NOT_LONG = 100, 2_500, 30_000
_to_number = Functions.FUNCTION_TABLE["to_number"]["function"]
# A number with more digits than this is refused by Python, before any work.
_MAX_DIGITS = 4_300


def find_cost(length: int, needle: int) -> int:
    """Units of looking for a text in another, at worst."""
    steps = length + needle
    if length < _QUADRATIC or (needle < _SHORT and length < _NOT_LONG):
        steps += length * min(needle, length)
    return 1 + steps // 80


class MeteredFunctions(Functions):
    """For one evaluation."""

    # Of the library, which does not say so in its types.
    _convert_to_jmespath_type: Callable[[str], str]
    _create_key_func: Callable[[Any, list[str], str], Callable[[Any], Any]]

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self._meter = meter

    def call_function(self, function_name: str, resolved_args: Iterable[Any]) -> Any:
        resolved_args = list(resolved_args)
        self._meter.work(20)
        for argument, kind in zip(
            resolved_args, self.FUNCTION_TABLE[function_name]["signature"], strict=False
        ):
            # The library looks at the type of every element.
            if isinstance(argument, list) and any("-" in name for name in kind["types"]):
                self._meter.work(len(argument))
        return super().call_function(function_name, resolved_args)

    @signature({"types": []})
    def _func_to_string(self, arg: Any) -> str:
        if isinstance(arg, str):
            return arg
        # Characters before they are escaped, and then what they have become.
        self._meter.text(self._meter.json_length(arg, MAX_TEXT))
        text = json.dumps(arg, separators=(",", ":"))
        self._meter.text(len(text))
        return text

    @signature({"types": []})
    def _func_to_number(self, arg: Any) -> Any:
        if isinstance(arg, str):
            digits = min(len(arg), _MAX_DIGITS)
            self._meter.work((len(arg) >> 3) + (digits * digits >> 15))
        return _to_number(self, arg)

    @signature({"types": ["array", "string"]}, {"types": []})
    def _func_contains(self, subject: Any, search: Any) -> bool:
        if isinstance(subject, str):
            if isinstance(search, str):
                self._meter.work(find_cost(len(subject), len(search)))
                return search in subject
            raise jmespath.exceptions.JMESPathTypeError(
                "contains", None, self._convert_to_jmespath_type(type(search).__name__), ["string"]
            )
        if isinstance(search, (list, dict)):
            self._meter.work(4 * len(subject))
            kind = type(search)
            return any(type(item) is kind and self._meter.equal(item, search) for item in subject)
        weight = 1 + (len(search) >> 6) if isinstance(search, str) else 1
        self._meter.work(1 + (len(subject) * weight >> 1))
        return search in subject

    @signature({"types": ["string"]}, {"types": ["string"]})
    def _func_starts_with(self, search: str, suffix: str) -> bool:
        self._meter.work(len(suffix) >> 8)
        return search.startswith(suffix)

    @signature({"types": ["string"]}, {"types": ["string"]})
    def _func_ends_with(self, search: str, suffix: str) -> bool:
        self._meter.work(len(suffix) >> 8)
        return search.endswith(suffix)

    @signature({"types": ["array", "string"]})
    def _func_reverse(self, arg: Any) -> Any:
        if isinstance(arg, str):
            self._meter.text(len(arg))
        else:
            self._meter.elements(len(arg))
        return arg[::-1]

    @signature({"types": ["string"]}, {"types": ["array-string"]})
    def _func_join(self, separator: str, array: list[str]) -> str:
        self._meter.work(len(array))
        self._meter.text(sum(map(len, array)) + len(separator) * max(0, len(array) - 1))
        return separator.join(array)

    @signature({"types": ["object"]})
    def _func_keys(self, arg: dict[str, Any]) -> list[str]:
        self._meter.elements(len(arg))
        return list(arg)

    @signature({"types": ["object"]})
    def _func_values(self, arg: dict[str, Any]) -> list[Any]:
        self._meter.elements(len(arg))
        return list(arg.values())

    @signature({"types": ["object"], "variadic": True})
    def _func_merge(self, *arguments: Any) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for argument in arguments:
            if not isinstance(argument, dict):
                kind = self._convert_to_jmespath_type(type(argument).__name__)
                raise jmespath.exceptions.JMESPathTypeError("merge", None, kind, ["object"])
            self._meter.work(len(argument))
            self._meter.elements(len(merged) + len(argument))
            merged.update(argument)
        return merged

    @signature({"types": ["array-number"]})
    def _func_sum(self, arg: list[Any]) -> Any:
        self._weigh(arg)
        return sum(arg)

    @signature({"types": ["array-number"]})
    def _func_avg(self, arg: list[Any]) -> Any:
        self._weigh(arg)
        return sum(arg) / len(arg) if arg else None

    @signature({"types": ["array-number", "array-string"]})
    def _func_max(self, arg: list[Any]) -> Any:
        self._weigh(arg)
        return max(arg) if arg else None

    @signature({"types": ["array-number", "array-string"]})
    def _func_min(self, arg: list[Any]) -> Any:
        self._weigh(arg)
        return min(arg) if arg else None

    @signature({"types": ["array-string", "array-number"]})
    def _func_sort(self, arg: list[Any]) -> list[Any]:
        self._meter.elements(len(arg))
        self._weigh_sort(arg)
        return sorted(arg)

    @signature({"types": ["expref"]}, {"types": ["array"]})
    def _func_map(self, expref: Any, arg: list[Any]) -> list[Any]:
        self._meter.elements(len(arg))
        return [expref.visit(expref.expression, item) for item in arg]

    @signature({"types": ["array"]}, {"types": ["expref"]})
    def _func_sort_by(self, array: list[Any], expref: Any) -> list[Any]:
        if not array:
            return array
        self._meter.elements(len(array))
        first = type(expref.visit(expref.expression, array[0])).__name__
        kind = self._convert_to_jmespath_type(first)
        if kind not in ("number", "string"):
            raise jmespath.exceptions.JMESPathTypeError("sort_by", None, kind, ["string", "number"])
        keys = self._keys_of(array, expref, [kind], "sort_by")
        self._weigh_sort(keys)
        return [array[index] for index in sorted(range(len(array)), key=keys.__getitem__)]

    @signature({"types": ["array"]}, {"types": ["expref"]})
    def _func_min_by(self, array: list[Any], expref: Any) -> Any:
        keys = self._keys_of(array, expref, ["number", "string"], "min_by")
        self._weigh(keys)
        return array[min(range(len(array)), key=keys.__getitem__)] if array else None

    @signature({"types": ["array"]}, {"types": ["expref"]})
    def _func_max_by(self, array: list[Any], expref: Any) -> Any:
        keys = self._keys_of(array, expref, ["number", "string"], "max_by")
        self._weigh(keys)
        return array[max(range(len(array)), key=keys.__getitem__)] if array else None

    def _keys_of(self, array: list[Any], expref: Any, kinds: list[str], function: str) -> list[Any]:
        self._meter.elements(len(array))
        key_of = self._create_key_func(expref, kinds, function)
        return [key_of(item) for item in array]

    def _weigh(self, items: list[Any]) -> int:
        """Charge for one pass that compares or adds; the size of all, in words."""
        self._meter.work(3 * len(items))
        words = (
            sum(
                len(item) if type(item) is str else item.bit_length() if type(item) is int else 0
                for item in items
            )
            >> 11
        )
        self._meter.work(words)
        return words

    def _weigh_sort(self, items: list[Any]) -> None:
        rounds = len(items).bit_length()
        self._meter.work((len(items) + self._weigh(items)) * rounds // 6)
