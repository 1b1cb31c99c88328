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
# Characters of a reference that is followed, and names of a list of required fields that are read:
# a schema may be made to take long.
_MAX_REFERENCE, _MAX_REQUIRED = 500, 1_000
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


class _Root:
    """A schema whose references are each looked up once, and whose values are each written once."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._targets: dict[str, object] = {}
        # By identity: the schema keeps its values, and a large one may stand in every row.
        self._texts: dict[int, str] = {}

    def resolved(self, schema: object) -> Mapping[str, Any]:
        """The schema that a reference leads to; empty if it leads nowhere."""
        node = schema
        for _ in range(_MAX_REFERENCES):
            if not isinstance(node, dict):
                return {}
            reference = node.get("$ref")
            if not isinstance(reference, str):
                return node
            if len(reference) > _MAX_REFERENCE:
                return {}
            if reference not in self._targets:
                self._targets[reference] = _target(self._schema, reference)
            node = self._targets[reference]
        return {}

    def text(self, value: object) -> str:
        """value: of the schema or the sample."""
        if not isinstance(value, str | list | dict):
            return _json(value)
        if id(value) not in self._texts:
            self._texts[id(value)] = _json(value)
        return self._texts[id(value)]


def fields_of(schema: Mapping[str, Any], sample: object = None) -> SchemaFields:
    """sample: a payload whose values are the examples that the schema lacks."""
    rows: list[SchemaField] = []
    value = _MISSING if sample is None else sample
    for row in _below(_Root(schema), schema, "", value, 0):
        if row is None or len(rows) == MAX_FIELDS:
            return SchemaFields(rows, is_cut=True)
        rows.append(row)
    return SchemaFields(rows, is_cut=False)


def _below(
    root: _Root, schema: object, prefix: str, value: object, depth: int
) -> Iterator[SchemaField | None]:
    """None: deeper than the table."""
    node = root.resolved(schema)
    properties = node.get("properties")
    if not isinstance(properties, dict) or not properties:
        return
    if depth == MAX_DEPTH:
        yield None
        return
    required = node.get("required")
    listed = required[:_MAX_REQUIRED] if isinstance(required, list) else []
    names = {each for each in listed if isinstance(each, str)}
    for name, described in properties.items():
        inner = root.resolved(described)
        known = value.get(name, _MISSING) if isinstance(value, dict) else _MISSING
        path = f"{prefix}{name[:_MAX_TEXT]}"
        yield _row(root, path, inner, known, is_required=name in names)
        items = root.resolved(inner.get("items"))
        if items:
            first = known[0] if isinstance(known, list) and known else _MISSING
            yield from _below(root, items, f"{path}[].", first, depth + 1)
        else:
            yield from _below(root, inner, f"{path}.", known, depth + 1)


def _row(
    root: _Root, path: str, node: Mapping[str, Any], known: object, *, is_required: bool
) -> SchemaField:
    description = node.get("description") or node.get("title")
    return SchemaField(
        path,
        _kind(root, node, known),
        is_required,
        description[:500] if isinstance(description, str) else "",
        _example(root, node, known),
    )


def _kind(root: _Root, node: Mapping[str, Any], known: object) -> str:
    types = node.get("type")
    names = types if isinstance(types, list) else [types]
    words = " or ".join(name for name in names[:4] if isinstance(name, str))
    choices = node.get("enum")
    if isinstance(choices, list) and choices:
        few = ", ".join(root.text(choice) for choice in choices[:5])
        return f"one of {few}{', …' if len(choices) > 5 else ''}"[:200]
    if not words and "const" in node:
        return f"always {root.text(node['const'])}"
    if not words:
        several = any(isinstance(node.get(word), list) for word in ("oneOf", "anyOf"))
        words = "several types" if several else _KINDS.get(type(known), "any")
    form = node.get("format")
    return f"{words} ({form[:_MAX_TEXT]})" if isinstance(form, str) else words


def _example(root: _Root, node: Mapping[str, Any], known: object) -> str:
    examples = node.get("examples")
    if isinstance(examples, list) and examples:
        return root.text(examples[0])
    for name in ("example", "const", "default"):
        if name in node:
            return root.text(node[name])
    if known is _MISSING or isinstance(known, dict | list):
        return ""
    return root.text(known)


def _json(value: object) -> str:
    try:
        text = msgspec.json.encode(value).decode()
    except (ValueError, TypeError, msgspec.MsgspecError):
        return ""
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"


def _target(root: Mapping[str, Any], reference: str) -> object:
    if not reference.startswith("#"):
        return None
    node: object = root
    for token in filter(None, reference[1:].split("/")):
        if not isinstance(node, dict):
            return None
        node = node.get(token.replace("~1", "/").replace("~0", "~"))
    return node
