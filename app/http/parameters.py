"""Query parameters: declared once, parsed strictly; unknown ones are errors."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from app.domain.common.clock import parse_iso
from app.domain.common.errors import FieldError, Invalid, Malformed, invalid
from app.domain.common.ids import canonical_id
from app.domain.common.names import TEXT_PATTERN
from app.domain.common.numbers import as_whole
from app.domain.events.search_values import MAX_LENGTH, searched_value

MAX_TEXT = 512
_INTEGER = re.compile(r"-?[0-9]{1,9}", re.ASCII)
# parse_iso accepts a trailing NUL and any single character before the time.
_MOMENT = re.compile(r"[0-9A-Z:.,+-]{8,40}", re.ASCII)
# Of a value in a payload: no white space, no control characters.
VALUE_PATTERN = r"^[^\s\x00-\x1f\x7f]+$"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Parameter:
    """parse: raises ValueError with the remedy. is_required: the route refuses a request without
    it."""

    name: str
    description: str
    schema: dict[str, Any]
    parse: Callable[[str], Any]
    default: Any = None
    is_required: bool = False


def integer(name: str, low: int, high: int, description: str, default: Any = None) -> Parameter:
    def parse(text: str) -> int:
        if not _INTEGER.fullmatch(text) or not low <= int(text) <= high:
            raise ValueError(f"Use a whole number from {low} to {high}.")
        return int(text)

    schema: dict[str, Any] = {"type": "integer", "minimum": low, "maximum": high}
    if default is not None:
        schema["default"] = default
    return Parameter(name, description, schema, parse, default)


def identifier(name: str, description: str) -> Parameter:
    def parse(text: str) -> str:
        identifier = canonical_id(text)
        if identifier is None:
            raise ValueError("Use an ID such as 0198c7a2-7c1e-7000-8000-2f6b1f9d3c11.")
        return identifier

    return Parameter(name, description, {"type": "string", "format": "uuid"}, parse)


def moment(name: str, description: str) -> Parameter:
    """A time; its value is in milliseconds since the epoch."""

    def parse(text: str) -> int:
        try:
            if not _MOMENT.fullmatch(text):
                raise ValueError
            return parse_iso(text)
        except (ValueError, OverflowError):
            raise ValueError(
                "Use a time in ISO 8601 such as 2026-02-24T11:52:20Z (encode `+` as %2B)."
            ) from None

    return Parameter(name, description, {"type": "string", "format": "date-time"}, parse)


def text(name: str, description: str, default: Any = None) -> Parameter:
    def parse(text: str) -> str:
        if not text or len(text) > MAX_TEXT or _CONTROL.search(text):
            raise ValueError(f"Use 1 to {MAX_TEXT} characters without control characters.")
        return text

    schema = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT, "pattern": TEXT_PATTERN}
    return Parameter(name, description, schema, parse, default)


def payload_value(name: str, description: str) -> Parameter:
    """A value that the index of payload values can have."""

    def parse(text: str) -> str:
        if searched_value(text) is None:
            raise ValueError(f"Use 1 to {MAX_LENGTH} characters without spaces.")
        return text

    schema = {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_LENGTH,
        "pattern": VALUE_PATTERN,
    }
    return Parameter(name, description, schema, parse)


def flag(name: str, description: str) -> Parameter:
    def parse(text: str) -> bool:
        if text not in ("true", "false"):
            raise ValueError("Use true or false.")
        return text == "true"

    schema = {"type": "boolean", "default": False}
    return Parameter(name, description, schema, parse, False)


def choices(
    name: str, allowed: Sequence[str], description: str, default: Any = None, *, many: bool = True
) -> Parameter:
    """One of `allowed`, or with `many` several separated by commas; its value is a tuple."""
    listed = ", ".join(allowed)
    remedy = (
        f"Use one or more of {listed}, separated by commas." if many else f"Use one of {listed}."
    )

    def parse(text: str) -> tuple[str, ...]:
        words = tuple(text.split(",")) if many else (text,)
        if any(word not in allowed for word in words):
            raise ValueError(remedy)
        return words

    item: dict[str, Any] = {"type": "string", "enum": list(allowed)}
    schema = {"type": "array", "items": item, "minItems": 1} if many else item
    return Parameter(name, description, schema, parse, default)


def read(declared: Sequence[Parameter], query: bytes) -> dict[str, Any]:
    """The value of each declared parameter by name. Invalid: all errors at once. Malformed."""
    if not query:
        return {parameter.name: parameter.default for parameter in declared}
    return _values(declared, _pairs(query))


def read_document(declared: Sequence[Parameter], document: dict[str, Any]) -> dict[str, Any]:
    """The same from a JSON object: null is absent, a list is its items separated by commas."""
    pairs = [(name, _as_text(name, value)) for name, value in document.items() if value is not None]
    return _values(declared, pairs)


def _values(declared: Sequence[Parameter], pairs: list[tuple[str, str]]) -> dict[str, Any]:
    values = {parameter.name: parameter.default for parameter in declared}
    known = {parameter.name: parameter for parameter in declared}
    errors: list[FieldError] = []
    seen: set[str] = set()
    for name, text in pairs:
        if name not in known:
            errors.append(_unknown(name, known))
        elif name in seen:
            errors.append(FieldError(name, "repeated", "Sent more than once.", "Send it once."))
        else:
            try:
                values[name] = known[name].parse(text)
            except ValueError as error:
                shown = text if len(text) <= 60 else f"{text[:60]}..."
                problem = f"{shown!r} is not allowed."
                errors.append(FieldError(name, "parameter", problem, str(error)))
        seen.add(name)
    if errors:
        raise Invalid(errors)
    return values


def _as_text(name: str, value: object) -> str:
    """The value as the query string would have it. Invalid for a nested list or an object."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    number = as_whole(value)
    if number is not None:
        return str(number)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return ",".join(value)
    remedy = "Send one value; `state` also accepts a list."
    raise invalid(name[:60], "type", "Wrong type.", remedy)


def _pairs(query: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            query.decode(), keep_blank_values=True, errors="strict", max_num_fields=100
        )
    except ValueError as error:
        raise Malformed("Invalid query string: percent-encode it as UTF-8.") from error


def _unknown(name: str, known: Iterable[str]) -> FieldError:
    listed = ", ".join(sorted(known))
    remedy = f"Known parameters: {listed}." if listed else "This path has no parameters."
    return FieldError(name[:60], "unknown", "Unknown parameter.", remedy)
