"""Query parameters, declared once and parsed strictly: what is unknown or unclear is refused."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from app.domain.common.clock import parse_iso
from app.domain.common.errors import FieldError, Invalid, Malformed, invalid
from app.domain.common.ids import canonical_id

MAX_TEXT = 512
_INTEGER = re.compile(r"-?[0-9]{1,9}", re.ASCII)
# parse_iso lets a NUL at the end and any one character before the time pass.
_MOMENT = re.compile(r"[0-9A-Z:.,+-]{8,40}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Parameter:
    """parse: the value from its text; ValueError with what would be right."""

    name: str
    description: str
    schema: dict[str, Any]
    parse: Callable[[str], Any]
    default: Any = None


def integer(name: str, low: int, high: int, description: str, default: Any = None) -> Parameter:
    def parse(text: str) -> int:
        if not _INTEGER.fullmatch(text) or not low <= int(text) <= high:
            raise ValueError(f"Give a whole number from {low} to {high}.")
        return int(text)

    schema: dict[str, Any] = {"type": "integer", "minimum": low, "maximum": high}
    if default is not None:
        schema["default"] = default
    return Parameter(name, description, schema, parse, default)


def identifier(name: str, description: str) -> Parameter:
    def parse(text: str) -> str:
        found = canonical_id(text)
        if found is None:
            raise ValueError("Give an id, such as 0198c7a2-7c1e-7000-8000-2f6b1f9d3c11.")
        return found

    return Parameter(name, description, {"type": "string", "format": "uuid"}, parse)


def moment(name: str, description: str) -> Parameter:
    """A time; the value is milliseconds since the epoch."""

    def parse(text: str) -> int:
        try:
            if not _MOMENT.fullmatch(text):
                raise ValueError
            return parse_iso(text)
        except (ValueError, OverflowError):
            raise ValueError(
                "Give a time in ISO 8601, such as 2026-02-24T11:52:20Z (a `+` is written %2B)."
            ) from None

    return Parameter(name, description, {"type": "string", "format": "date-time"}, parse)


def text(name: str, description: str, default: Any = None) -> Parameter:
    def parse(given: str) -> str:
        if not given or len(given) > MAX_TEXT or _CONTROL.search(given):
            raise ValueError(f"Give 1 to {MAX_TEXT} characters, no control characters.")
        return given

    schema = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
    return Parameter(name, description, schema, parse, default)


def flag(name: str, description: str) -> Parameter:
    def parse(given: str) -> bool:
        if given not in ("true", "false"):
            raise ValueError("Give true or false.")
        return given == "true"

    schema = {"type": "boolean", "default": False}
    return Parameter(name, description, schema, parse, False)


def choices(
    name: str, allowed: Sequence[str], description: str, default: Any = None, *, many: bool = True
) -> Parameter:
    """One of `allowed`, or with `many` several, separated by commas; the value is a tuple."""
    listed = ", ".join(allowed)
    several = f"Give one or several of {listed}, separated by commas."
    remedy = several if many else f"Give one of {listed}."

    def parse(given: str) -> tuple[str, ...]:
        words = tuple(given.split(",")) if many else (given,)
        if any(word not in allowed for word in words):
            raise ValueError(remedy)
        return words

    one: dict[str, Any] = {"type": "string", "enum": list(allowed)}
    schema = {"type": "array", "items": one, "minItems": 1} if many else one
    return Parameter(name, description, schema, parse, default)


def read(declared: Sequence[Parameter], query: bytes) -> dict[str, Any]:
    """The value of each declared parameter by name. Invalid names all that are wrong."""
    if not query:
        return {each.name: each.default for each in declared}
    return _values(declared, _pairs(query))


def read_document(declared: Sequence[Parameter], document: dict[str, Any]) -> dict[str, Any]:
    """The same from a JSON object: null is absent, a list stands for its entries with commas."""
    pairs = [(name, _as_text(name, value)) for name, value in document.items() if value is not None]
    return _values(declared, pairs)


def _values(declared: Sequence[Parameter], pairs: list[tuple[str, str]]) -> dict[str, Any]:
    values = {each.name: each.default for each in declared}
    known = {each.name: each for each in declared}
    errors: list[FieldError] = []
    seen: set[str] = set()
    for name, given in pairs:
        if name not in known:
            errors.append(_unknown(name, known))
        elif name in seen:
            errors.append(FieldError(name, "repeated", "It was given twice.", "Give it once."))
        else:
            try:
                values[name] = known[name].parse(given)
            except ValueError as error:
                shown = given if len(given) <= 60 else f"{given[:60]}..."
                problem = f"{shown!r} is not taken here."
                errors.append(FieldError(name, "parameter", problem, str(error)))
        seen.add(name)
    if errors:
        raise Invalid(errors)
    return values


def _as_text(name: str, value: object) -> str:
    """Nothing that a list or an object can be written as is a value of any parameter."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return ",".join(value)
    remedy = "Give one value; `state` also takes a list."
    raise invalid(name[:60], "type", "It is of a type that is not taken here.", remedy)


def _pairs(query: bytes) -> list[tuple[str, str]]:
    try:
        found = parse_qsl(
            query.decode(), keep_blank_values=True, errors="strict", max_num_fields=100
        )
    except ValueError as error:
        raise Malformed("The query string cannot be read: percent-encode it as UTF-8.") from error
    return found


def _unknown(name: str, known: Iterable[str]) -> FieldError:
    listed = ", ".join(sorted(known))
    remedy = f"Known are: {listed}." if listed else "This path takes none."
    return FieldError(name[:60], "unknown", "There is no such parameter.", remedy)
