"""The fields that a JSON Schema describes, as rows of a table for people.

It reads what most schemas of payloads have: properties, items, references within the schema, types,
enums and formats. The rest stays in the schema itself, which is shown below the table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

# Rows of a table, and levels of a payload.
MAX_FIELDS, MAX_DEPTH = 200, 6
_MAX_TEXT = 80
# References that follow each other.
_MAX_REFERENCES = 10
_KINDS = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
    type(None): "null",
}
_MISSING = object()


@dataclass(frozen=True, slots=True)
class SchemaField:
    """path: as in `outputs[].url`. kind: its types in words. example: JSON; "" if there is none."""

    path: str
    kind: str
    is_required: bool
    description: str
    example: str


@dataclass(frozen=True, slots=True)
class SchemaFields:
    """is_cut: there are more, or deeper ones."""

    rows: list[SchemaField]
    is_cut: bool


def fields_of(schema: Mapping[str, Any], sample: object = None) -> SchemaFields:
    """sample: a payload whose values are the examples that the schema lacks."""
    rows: list[SchemaField] = []
    value = _MISSING if sample is None else sample
    for row in _below(schema, schema, "", value, 0):
        if row is None or len(rows) == MAX_FIELDS:
            return SchemaFields(rows, is_cut=True)
        rows.append(row)
    return SchemaFields(rows, is_cut=False)


def _below(
    root: Mapping[str, Any], schema: object, prefix: str, value: object, depth: int
) -> Iterator[SchemaField | None]:
    """None: deeper than the table."""
    node = _resolved(root, schema)
    properties = node.get("properties")
    if not isinstance(properties, dict):
        return
    if depth == MAX_DEPTH:
        yield None
        return
    required = node.get("required")
    names = required if isinstance(required, list) else []
    for name, described in properties.items():
        inner = _resolved(root, described)
        known = value.get(name, _MISSING) if isinstance(value, dict) else _MISSING
        path = f"{prefix}{name[:_MAX_TEXT]}"
        yield _row(path, inner, known, is_required=name in names)
        items = _resolved(root, inner.get("items"))
        if items:
            first = known[0] if isinstance(known, list) and known else _MISSING
            yield from _below(root, items, f"{path}[].", first, depth + 1)
        else:
            yield from _below(root, inner, f"{path}.", known, depth + 1)


def _row(path: str, node: Mapping[str, Any], known: object, *, is_required: bool) -> SchemaField:
    description = node.get("description") or node.get("title")
    return SchemaField(
        path,
        _kind(node, known),
        is_required,
        description[:500] if isinstance(description, str) else "",
        _example(node, known),
    )


def _kind(node: Mapping[str, Any], known: object) -> str:
    types = node.get("type")
    names = types if isinstance(types, list) else [types]
    words = " or ".join(name for name in names[:4] if isinstance(name, str))
    choices = node.get("enum")
    if isinstance(choices, list) and choices:
        few = ", ".join(_json(choice) for choice in choices[:5])
        return f"one of {few}{', …' if len(choices) > 5 else ''}"[:200]
    if not words and "const" in node:
        return f"always {_json(node['const'])}"
    if not words:
        several = any(isinstance(node.get(word), list) for word in ("oneOf", "anyOf"))
        words = "several types" if several else _KINDS.get(type(known), "any")
    form = node.get("format")
    return f"{words} ({form[:_MAX_TEXT]})" if isinstance(form, str) else words


def _example(node: Mapping[str, Any], known: object) -> str:
    examples = node.get("examples")
    if isinstance(examples, list) and examples:
        return _json(examples[0])
    for name in ("example", "const", "default"):
        if name in node:
            return _json(node[name])
    if known is _MISSING or isinstance(known, dict | list):
        return ""
    return _json(known)


def _json(value: object) -> str:
    try:
        text = msgspec.json.encode(value).decode()
    except (ValueError, TypeError, msgspec.MsgspecError):
        return ""
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"


def _resolved(root: Mapping[str, Any], schema: object) -> Mapping[str, Any]:
    """The schema that a reference leads to; empty if it leads nowhere."""
    node = schema
    for _ in range(_MAX_REFERENCES):
        if not isinstance(node, dict):
            return {}
        reference = node.get("$ref")
        if not isinstance(reference, str):
            return node
        node = _target(root, reference)
    return {}


def _target(root: Mapping[str, Any], reference: str) -> object:
    if not reference.startswith("#"):
        return None
    node: object = root
    for token in filter(None, reference[1:].split("/")):
        name = token.replace("~1", "/").replace("~0", "~")
        node = node.get(name) if isinstance(node, dict) else None
    return node
