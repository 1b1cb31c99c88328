"""Generate a sample from a JSON Schema, as a starting point for people."""

from collections.abc import Mapping
from typing import Any

# Limits on the values of a sample and their depth: schemas may refer to themselves.
MAX_VALUES, MAX_DEPTH = 300, 8

_STRINGS = {
    "date-time": "2026-02-24T11:52:20Z",
    "date": "2026-02-24",
    "time": "11:52:20Z",
    "email": "ada@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "0198c9f5-0b60-7e5c-9db9-81321ffe31d5",
    "ipv4": "203.0.113.7",
    "hostname": "example.com",
}


def sample_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object, empty if the schema does not describe one. It may not validate fully."""
    sample = _Generator(schema).value(schema, 0)
    return sample if isinstance(sample, dict) else {}


class _Generator:
    def __init__(self, schema: Mapping[str, Any]) -> None:
        definitions = schema.get("$defs")
        self._definitions = definitions if isinstance(definitions, dict) else {}
        self._number = 0

    def value(self, schema: Any, depth: int) -> Any:
        self._number += 1
        if not isinstance(schema, Mapping) or depth > MAX_DEPTH or self._number > MAX_VALUES:
            return None
        example = _example(schema)
        if example is not None:
            return example[0]
        if isinstance(schema.get("$ref"), str):
            name = schema["$ref"].removeprefix("#/$defs/")
            return self.value(self._definitions.get(name), depth + 1)
        if isinstance(schema.get("allOf"), list):
            return self._all(schema, depth)
        for keyword in ("oneOf", "anyOf"):
            if isinstance(schema.get(keyword), list) and schema[keyword]:
                return self.value(schema[keyword][0], depth + 1)
        return self._typed(schema, depth)

    def _all(self, schema: Mapping[str, Any], depth: int) -> Any:
        own = {name: value for name, value in schema.items() if name != "allOf"}
        parts = [self.value(part, depth + 1) for part in [*schema["allOf"], own]]
        objects = [part for part in parts if isinstance(part, dict)]
        if objects:
            return {name: value for part in objects for name, value in part.items()}
        return next((part for part in parts if part is not None), None)

    def _typed(self, schema: Mapping[str, Any], depth: int) -> Any:
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((name for name in kind if name != "null"), "null")
        if kind == "object" or (kind is None and "properties" in schema):
            named = schema.get("properties")
            properties = named if isinstance(named, dict) else {}
            return {name: self.value(each, depth + 1) for name, each in properties.items()}
        if kind == "array":
            item = self.value(schema.get("items"), depth + 1)
            return [] if item is None else [item]
        if kind == "string":
            return _STRINGS.get(str(schema.get("format")), "text")
        if kind in ("integer", "number"):
            minimum = schema.get("minimum", 1)
            return minimum if isinstance(minimum, int | float) else 1
        return True if kind == "boolean" else None


def _example(schema: Mapping[str, Any]) -> tuple[Any] | None:
    """Return a value that the schema itself contains, in a tuple."""
    for name in ("const", "example", "default"):
        if schema.get(name) is not None:
            return (schema[name],)
    for name in ("examples", "enum"):
        if isinstance(schema.get(name), list) and schema[name]:
            return (schema[name][0],)
    return None
