"""Make a schema of an OpenAPI document self-contained, including everything it refers to."""

from collections.abc import Mapping
from typing import Any

# Limits: schemas per event type, schemas per document, nesting depth.
MAX_SCHEMAS, MAX_TOTAL, MAX_DEPTH = 5_000, 100_000, 60

# Keywords whose values are schemas, lists of schemas, or schemas by name.
_SCHEMA = frozenset(
    (
        "items",
        "additionalProperties",
        "additionalItems",
        "not",
        "if",
        "then",
        "else",
        "contains",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
        "contentSchema",
    )
)
_SCHEMA_LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_SCHEMAS_BY_NAME = frozenset(
    ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
)


class CannotBundle(Exception):
    """The message is a sentence for people."""


class Bundler:
    """is_old: the document uses OpenAPI 3.0's schemas, which get converted to JSON Schema."""

    def __init__(self, document: Mapping[str, Any], *, is_old: bool) -> None:
        self.document, self.is_old = document, is_old
        # A few schemas that refer to each other can expand to very many.
        self.left = MAX_TOTAL

    def bundled(self, schema: object) -> dict[str, Any]:
        """Return the schema with everything it refers to under `$defs`. Raises CannotBundle."""
        if schema is True:
            return {}
        if not isinstance(schema, dict):
            raise CannotBundle("Its schema is not an object.")
        return _Bundle(self).whole(schema)


def looked_up(reference: object, document: Mapping[str, Any]) -> Any:
    """Return the target of `#/components/...`. Raises CannotBundle."""
    if not isinstance(reference, str) or not reference.startswith("#/"):
        raise CannotBundle(f"It refers to {str(reference)[:100]!r}, outside the document.")
    target: Any = document
    for token in reference[2:].split("/"):
        name = token.replace("~1", "/").replace("~0", "~")
        target = target.get(name) if isinstance(target, dict) else None
    if target is None:
        raise CannotBundle(f"It refers to {reference[:100]!r}, which does not exist.")
    return target


def resolved(value: Any, document: Mapping[str, Any]) -> Any:
    """Return the value, or what it refers to in at most ten steps."""
    for _ in range(10):
        if not isinstance(value, dict) or "$ref" not in value:
            return value
        value = looked_up(value["$ref"], document)
    raise CannotBundle("It refers to itself.")


class _Bundle:
    def __init__(self, bundler: Bundler) -> None:
        self._bundler = bundler
        self._names: dict[str, str] = {}
        self._definitions: dict[str, Any] = {}
        self._number = 0

    def whole(self, schema: dict[str, Any]) -> dict[str, Any]:
        bundled = self._schema(schema, 0)
        assert isinstance(bundled, dict)
        if self._definitions:
            bundled["$defs"] = {**bundled.get("$defs", {}), **self._definitions}
        return bundled

    def _schema(self, schema: object, depth: int) -> Any:
        self._number += 1
        self._bundler.left -= 1
        if self._number > MAX_SCHEMAS or self._bundler.left < 0 or depth > MAX_DEPTH:
            raise CannotBundle("Its schema is too large.")
        if not isinstance(schema, dict):
            return schema
        copy: dict[str, Any] = {}
        for name, value in schema.items():
            if name == "$ref" and isinstance(value, str):
                copy[name] = self._reference(value, depth)
            elif name in _SCHEMA:
                copy[name] = self._schema(value, depth + 1)
            elif name in _SCHEMA_LISTS and isinstance(value, list):
                copy[name] = [self._schema(entry, depth + 1) for entry in value]
            elif name in _SCHEMAS_BY_NAME and isinstance(value, dict):
                copy[name] = {key: self._schema(each, depth + 1) for key, each in value.items()}
            else:
                copy[name] = value
        return _modern(copy) if self._bundler.is_old else copy

    def _reference(self, reference: str, depth: int) -> str:
        if reference == "#":
            raise CannotBundle("It refers to the whole document.")
        if reference not in self._names:
            target = looked_up(reference, self._bundler.document)
            self._names[reference] = self._free_name(reference)
            # Register the name first, since the schema may refer to itself.
            self._definitions[self._names[reference]] = {}
            self._definitions[self._names[reference]] = self._schema(target, depth + 1)
        return f"#/$defs/{self._names[reference]}"

    def _free_name(self, reference: str) -> str:
        last = reference.rpartition("/")[2].replace("~1", ".").replace("~0", "-").replace("%", "-")
        name, number = last, 1
        while name in self._definitions:
            number += 1
            name = f"{last}-{number}"
        return name


def _modern(schema: dict[str, Any]) -> dict[str, Any]:
    """Convert OpenAPI 3.0's keywords to JSON Schema's."""
    if schema.pop("nullable", False) is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool):
            is_exclusive = schema.pop(exclusive)
            if is_exclusive and bound in schema:
                schema[exclusive] = schema.pop(bound)
    return schema


def moved(schema: dict[str, Any], path: str) -> dict[str, Any]:
    """Return a self-contained schema whose references to itself lead to its place in a document.
    path: `#` and a JSON pointer. Raises CannotBundle if it is nested too deep."""
    copy = _moved(schema, path, 0)
    assert isinstance(copy, dict)
    return copy


def _moved(schema: object, path: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise CannotBundle("Its schema is too deep.")
    # References below an identifier of its own are relative to that.
    if not isinstance(schema, dict) or "$id" in schema:
        return schema
    copy: dict[str, Any] = {}
    for name, value in schema.items():
        if name in ("$ref", "$dynamicRef") and isinstance(value, str):
            is_pointer = value == "#" or value.startswith("#/")
            copy[name] = path + value[1:] if is_pointer else value
        elif name in _SCHEMA and not isinstance(value, list):
            copy[name] = _moved(value, path, depth + 1)
        elif (name in _SCHEMA_LISTS or name in _SCHEMA) and isinstance(value, list):
            copy[name] = [_moved(entry, path, depth + 1) for entry in value]
        elif name in _SCHEMAS_BY_NAME and isinstance(value, dict):
            copy[name] = {key: _moved(each, path, depth + 1) for key, each in value.items()}
        else:
            copy[name] = value
    return copy
