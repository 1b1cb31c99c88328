"""A schema out of an OpenAPI document, made to stand alone: what it refers to goes with it."""

from collections.abc import Mapping
from typing import Any

# Schemas within one, those of a whole document, and how deep they nest.
MOST, MOST_IN_ALL, DEEPEST = 5_000, 100_000, 60

# Keywords whose values are schemas, lists of them, or schemas by name; all others hold values.
_ONE = frozenset(
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
_MANY = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_NAMED = frozenset(("properties", "patternProperties", "dependentSchemas", "$defs", "definitions"))


class CannotBundle(Exception):
    """The text says why, for people."""


class Bundler:
    """is_old: the document writes schemas as OpenAPI 3.0 does, which is turned into JSON Schema."""

    def __init__(self, document: Mapping[str, Any], *, is_old: bool) -> None:
        self.document, self.is_old = document, is_old
        # Schemas may refer to each other so that few of them come to many.
        self.left = MOST_IN_ALL

    def bundled(self, schema: object) -> dict[str, Any]:
        """The schema with what it refers to under `$defs`. CannotBundle."""
        if schema is True:
            return {}
        if not isinstance(schema, dict):
            raise CannotBundle("Its schema is no object.")
        return _Bundle(self).whole(schema)


def looked_up(reference: object, document: Mapping[str, Any]) -> Any:
    """What `#/components/...` points at. CannotBundle when it is nothing, or elsewhere."""
    if not isinstance(reference, str) or not reference.startswith("#/"):
        raise CannotBundle(f"It refers to {str(reference)[:100]!r}, outside the document.")
    found: Any = document
    for token in reference[2:].split("/"):
        name = token.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, dict) else None
    if found is None:
        raise CannotBundle(f"It refers to {reference[:100]!r}, which is not there.")
    return found


def resolved(value: Any, document: Mapping[str, Any]) -> Any:
    """`value`, or what it refers to in a few steps."""
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
        made = self._schema(schema, 0)
        assert isinstance(made, dict)
        if self._definitions:
            made["$defs"] = {**made.get("$defs", {}), **self._definitions}
        return made

    def _schema(self, schema: object, depth: int) -> Any:
        self._number += 1
        self._bundler.left -= 1
        if self._number > MOST or self._bundler.left < 0 or depth > DEEPEST:
            raise CannotBundle("Its schema is too large.")
        if not isinstance(schema, dict):
            return schema
        made: dict[str, Any] = {}
        for name, value in schema.items():
            if name == "$ref" and isinstance(value, str):
                made[name] = self._reference(value, depth)
            elif name in _ONE:
                made[name] = self._schema(value, depth + 1)
            elif name in _MANY and isinstance(value, list):
                made[name] = [self._schema(one, depth + 1) for one in value]
            elif name in _NAMED and isinstance(value, dict):
                made[name] = {key: self._schema(one, depth + 1) for key, one in value.items()}
            else:
                made[name] = value
        return _modern(made) if self._bundler.is_old else made

    def _reference(self, reference: str, depth: int) -> str:
        if reference == "#":
            raise CannotBundle("It refers to the whole document.")
        if reference not in self._names:
            target = looked_up(reference, self._bundler.document)
            self._names[reference] = self._free_name(reference)
            # Named before it is looked into, since it may refer to itself.
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
    """OpenAPI 3.0's own words as JSON Schema has them."""
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
