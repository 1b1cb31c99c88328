"""Types of settings: each checks a value and describes itself as JSON Schema."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.common import names
from app.domain.common.errors import FieldError, Invalid, invalid
from app.domain.common.numbers import as_whole
from app.domain.common.strict_json import kind_of

MAX_LIST_ENTRIES = 500

Check = Callable[[Any, str], Any]


class _SameSchema(ABC):
    """A type whose values look the same in requests and responses."""

    __slots__ = ()

    @abstractmethod
    def input_schema(self) -> dict[str, Any]: ...

    def output_schema(self) -> dict[str, Any]:
        return self.input_schema()


@dataclass(frozen=True, slots=True)
class Text(_SameSchema):
    max_length: int
    min_length: int = 0
    multiline: bool = False
    widget: str = "text"

    def check(self, value: object, field: str) -> str:
        remedy = f"Use {self.min_length} to {self.max_length} characters."
        if not isinstance(value, str):
            raise invalid(field, "type", f"Expected a string, got {kind_of(value)}.", remedy)
        if not self.min_length <= len(value) <= self.max_length:
            raise invalid(field, "length", f"It has {len(value)} characters.", remedy)
        fault = names.text_fault(value, lines=self.multiline)
        if fault is not None:
            raise invalid(field, "characters", fault, remedy)
        return value

    def input_schema(self) -> dict[str, Any]:
        shortest = {"minLength": self.min_length} if self.min_length else {}
        pattern = names.LINES_PATTERN if self.multiline else names.TEXT_PATTERN
        return {"type": "string", **shortest, "maxLength": self.max_length, "pattern": pattern}


@dataclass(frozen=True, slots=True)
class Choice(_SameSchema):
    """labels: what a form calls each value."""

    labels: Mapping[str, str]
    widget: str = "select"

    def check(self, value: object, field: str) -> str:
        remedy = f"Use one of {', '.join(self.labels)}."
        if not isinstance(value, str):
            raise invalid(field, "type", f"Expected a string, got {kind_of(value)}.", remedy)
        if value not in self.labels:
            raise invalid(field, "choice", f"Unknown value {value[:40]!r}.", remedy)
        return value

    def input_schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.labels)}


@dataclass(frozen=True, slots=True)
class Number(_SameSchema):
    low: float
    high: float
    widget: str = "number"

    def check(self, value: object, field: str) -> float:
        remedy = f"Use a number from {self.low:g} to {self.high:g}."
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise invalid(field, "type", f"Expected a number, got {kind_of(value)}.", remedy)
        if not self.low <= value <= self.high:  # refuses NaN, too
            raise invalid(field, "range", "Out of range.", remedy)
        return float(value)

    def input_schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Integer(_SameSchema):
    low: int
    high: int
    widget: str = "number"

    def check(self, value: object, field: str) -> int:
        remedy = f"Use a whole number from {self.low} to {self.high}."
        number = as_whole(value)
        if number is None:
            raise invalid(field, "type", "Not a whole number.", remedy)
        if not self.low <= number <= self.high:
            raise invalid(field, "range", "Out of range.", remedy)
        return number

    def input_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Flag(_SameSchema):
    widget: str = "checkbox"

    def check(self, value: object, field: str) -> bool:
        if not isinstance(value, bool):
            problem = f"Expected a boolean, got {kind_of(value)}."
            raise invalid(field, "type", problem, "Use true or false.")
        return value

    def input_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class NameList(_SameSchema):
    """Names without repeats, never an empty list."""

    check_entry: Check
    entry_schema: Mapping[str, Any]
    widget: str = "lines"

    def check(self, value: object, field: str) -> list[str]:
        remedy = f"List 1 to {MAX_LIST_ENTRIES} entries, or remove the list to match all events."
        if not isinstance(value, list | tuple):
            raise invalid(field, "type", f"Expected a list, got {kind_of(value)}.", remedy)
        if not value:
            raise invalid(field, "empty", "The list is empty: no event would match.", remedy)
        if len(value) > MAX_LIST_ENTRIES:
            raise invalid(field, "range", f"{len(value)} entries are too many.", remedy)
        errors: list[FieldError] = []
        for index, entry in enumerate(value):
            try:
                self.check_entry(entry, f"{field}[{index}]")
            except Invalid as error:
                errors += error.errors
        if errors:
            raise Invalid(errors)
        return list(dict.fromkeys(value))

    def input_schema(self) -> dict[str, Any]:
        bounds = {"minItems": 1, "maxItems": MAX_LIST_ENTRIES}
        return {"type": "array", "items": dict(self.entry_schema), **bounds}

    def output_schema(self) -> dict[str, Any]:
        """Stored entries may be longer than what most entries may have."""
        items = {name: value for name, value in self.entry_schema.items() if name != "maxLength"}
        return {**self.input_schema(), "items": items}


@dataclass(frozen=True, slots=True)
class Custom:
    """A type with a check of its own. output: the schema in responses, where it differs."""

    check: Check
    schema: Mapping[str, Any]
    widget: str = "text"
    output: Mapping[str, Any] = field(default_factory=dict)

    def input_schema(self) -> dict[str, Any]:
        return dict(self.schema)

    def output_schema(self) -> dict[str, Any]:
        return dict(self.output or self.schema)
