"""The description as OpenAPI 3.0.3, for generators that don't read 3.1.

3.1 describes values with JSON Schema, 3.0 with a dialect of it: there is no type `null`, a schema
has one type and one example, names of properties and single items
have no rules, and nothing may stand beside a reference. There is no `webhooks`
either: they become `x-webhooks`, which the import of event types reads as well.
"""

from collections.abc import Mapping
from typing import Any

VERSION = "3.0.3"
_NULL = {"type": "null"}
# Their values are documents by name, not schemas' keywords.
_BY_NAME = frozenset(
    {"properties", "schemas", "responses", "headers", "content", "paths", "webhooks"}
)
# Their values are data.
_DATA = frozenset({"default", "enum", "example", "required", "const"})

Document = dict[str, Any]


def downgraded(document: Mapping[str, Any]) -> Document:
    """document: of OpenAPI 3.1."""
    converted: Document = _converted(document)
    if "webhooks" in converted:
        converted["x-webhooks"] = converted.pop("webhooks")
    return converted | {"openapi": VERSION}


def _converted(node: Any) -> Any:
    if isinstance(node, list):
        return [_converted(each) for each in node]
    if not isinstance(node, Mapping):
        return node
    inner = {name: _inner(name, value) for name, value in node.items()}
    return _schema(inner)


def _inner(name: str, value: Any) -> Any:
    if name in _DATA or name == "examples":
        return value
    if name in _BY_NAME and isinstance(value, Mapping):
        return {key: _converted(each) for key, each in value.items()}
    return _converted(value)


def _schema(node: Document) -> Document:
    """Of one schema whose inner ones are converted. What is no schema is left as it is."""
    examples = node.get("examples")
    if isinstance(examples, list):
        del node["examples"]
        node |= {"example": examples[0]} if examples else {}
    if "const" in node:
        node["enum"] = [node.pop("const")]
    for name, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(node.get(name), int | float) and not isinstance(node[name], bool):
            node |= {bound: node[name], name: True}
    if node.get("required") == []:
        del node["required"]
    node.pop("propertyNames", None)
    node.pop("prefixItems", None)
    node = _alternatives(_types(node))
    if node.get("type") == "array":
        node.setdefault("items", {})
    if "$ref" in node and len(node) > 1:
        reference = {"$ref": node.pop("$ref")}
        node = {"allOf": [reference], **node}
    return node


def _types(node: Document) -> Document:
    types = node.get("type")
    if not isinstance(types, list):
        return node
    others = [each for each in types if each != "null"]
    rest = {name: value for name, value in node.items() if name != "type"}
    if len(others) < len(types):
        rest["nullable"] = True
    if len(others) == 1:
        return {"type": others[0], **rest}
    return {"anyOf": [{"type": each} for each in others], **rest}


def _alternatives(node: Document) -> Document:
    for keyword in ("anyOf", "oneOf"):
        choices = node.get(keyword)
        if not isinstance(choices, list) or _NULL not in choices:
            continue
        others = [each for each in choices if each != _NULL]
        rest = {name: value for name, value in node.items() if name != keyword}
        rest["nullable"] = True
        if len(others) > 1:
            node = {keyword: others, **rest}
        elif "$ref" in others[0]:
            node = {"allOf": others, **rest}
        else:
            node = {**others[0], **rest}
        # A null beside an enum must be one of its values.
        if "enum" in node and None not in node["enum"]:
            node["enum"] = [*node["enum"], None]
    return node
