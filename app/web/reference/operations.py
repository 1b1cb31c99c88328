"""The operations of an OpenAPI document, as the pages show them. No request is needed for it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from app.domain.event_types.schema_fields import SchemaField, SchemaFields, fields_of
from app.domain.event_types.schema_samples import sample_of

_COMPONENTS, _DEFINITIONS = "#/components/schemas/", "#/$defs/"
# A program that calls the API of one organization does not send it.
_PLATFORM_HEADER = "Callboard-Organization"
_MAX_OPTIONAL = 3


@dataclass(frozen=True, slots=True)
class Parameter:
    """location: path, query or header. kind: its type in words. example: for the form; "" leaves
    it out. choices: all values, if there are few."""

    name: str
    location: str
    kind: str
    is_required: bool
    description: str
    example: str
    choices: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Of its input."""
        return f"{self.location}-{self.name}"


@dataclass(frozen=True, slots=True)
class Reply:
    """fields: None without a described body."""

    status: str
    phrase: str
    fields: SchemaFields | None


@dataclass(frozen=True, slots=True)
class Operation:
    """permission: None if no credentials are needed. body: the fields of the request's body; None
    without one. body_example: JSON, indented."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    tag: str
    permission: str | None
    parameters: tuple[Parameter, ...]
    body: SchemaFields | None
    body_example: str
    replies: tuple[Reply, ...]

    @property
    def example_path(self) -> str:
        """With example values, and the query parameters that are required."""
        path, query = self.path, []
        for each in self.parameters:
            if each.location == "path":
                path = path.replace(f"{{{each.name}}}", each.example)
            elif each.location == "query" and each.is_required:
                query.append(f"{each.name}={each.example}")
        return path + (f"?{'&'.join(query)}" if query else "")


def operations_of(document: Mapping[str, Any]) -> tuple[Operation, ...]:
    """In the document's order."""
    definitions = {
        name: _simple(schema) for name, schema in document["components"]["schemas"].items()
    }
    return tuple(
        _operation(path, method.upper(), described, definitions)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    )


def by_tag(operations: Iterable[Operation]) -> dict[str, list[Operation]]:
    grouped: dict[str, list[Operation]] = {}
    for operation in operations:
        grouped.setdefault(operation.tag, []).append(operation)
    return grouped


def matching(operations: Iterable[Operation], words: str) -> list[Operation]:
    """Those that have every word in their name, path, summary or parameters."""
    wanted = words.lower().split()
    return [each for each in operations if all(word in _text(each) for word in wanted)]


def _text(operation: Operation) -> str:
    names = " ".join(parameter.name for parameter in operation.parameters)
    parts = (operation.id, operation.method, operation.path, operation.summary, operation.tag)
    return " ".join((*parts, names)).lower()


def _operation(
    path: str, method: str, described: Mapping[str, Any], definitions: Mapping[str, Any]
) -> Operation:
    content = described.get("requestBody", {}).get("content", {})
    schema = _bundled(content["application/json"]["schema"], definitions) if content else None
    return Operation(
        id=described["operationId"],
        method=method,
        path=path,
        summary=described["summary"],
        description=described.get("description", ""),
        tag=described["tags"][0],
        permission=described.get("x-permission"),
        parameters=tuple(
            _parameter(each)
            for each in described.get("parameters", ())
            if each["name"] != _PLATFORM_HEADER
        ),
        body=None if schema is None else fields_of(schema),
        body_example="" if schema is None else _body_example(schema),
        replies=tuple(
            _reply(status, each, definitions)
            for status, each in described["responses"].items()
            if "$ref" not in each
        ),
    )


def _parameter(described: Mapping[str, Any]) -> Parameter:
    schema = _simple(described["schema"])
    [field] = fields_of({"properties": {"value": schema}}).rows
    is_required = bool(described.get("required"))
    example = _text_of(sample_of({"properties": {"value": schema}})["value"]) if is_required else ""
    few = [str(value) for value in schema.get("enum", ()) if value is not None]
    return Parameter(
        name=described["name"],
        location=described["in"],
        kind=field.kind,
        is_required=is_required,
        description=described.get("description", "") or schema.get("description", ""),
        example=example,
        choices=tuple(few) if schema.get("type") == "string" else (),
    )


def _reply(status: str, described: Mapping[str, Any], definitions: Mapping[str, Any]) -> Reply:
    fields = None
    for media in described.get("content", {}).values():
        described_fields = fields_of(_bundled(media["schema"], definitions))
        fields = described_fields if described_fields.rows else None
    return Reply(status, described["description"], fields)


def _body_example(schema: Mapping[str, Any]) -> str:
    """The required fields, or a few that have examples: all of them would exclude each other."""
    sample = sample_of(schema)
    target = _target(schema)
    required: Sequence[str] = target.get("required", ())
    names = [name for name in sample if name in required] or [
        name for name, value in sample.items() if value not in (None, [], {}, "text")
    ][:_MAX_OPTIONAL]
    chosen = {name: sample[name] for name in names}
    return msgspec.json.format(msgspec.json.encode(chosen), indent=2).decode()


def _target(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    target: Mapping[str, Any] = schema["$defs"][reference.removeprefix(_DEFINITIONS)]
    return target


def _bundled(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    return {**_simple(schema), "$defs": definitions}


def _simple(node: Any) -> Any:
    """The schema with references into itself, and `anyOf` of one type and null as that type."""
    if isinstance(node, list):
        return [_simple(each) for each in node]
    if not isinstance(node, dict):
        return node
    simple = {name: _simple(value) for name, value in node.items()}
    reference = simple.get("$ref")
    if isinstance(reference, str):
        simple["$ref"] = re.sub(f"^{re.escape(_COMPONENTS)}", _DEFINITIONS, reference)
    kinds = simple.get("anyOf")
    if isinstance(kinds, list) and {"type": "null"} in kinds:
        others = [each for each in kinds if each != {"type": "null"}]
        if len(others) == 1 and isinstance(others[0], dict):
            del simple["anyOf"]
            simple = {**others[0], **simple}
            if isinstance(simple.get("type"), str):
                simple["type"] = [simple["type"], "null"]
    return simple


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


__all__ = ["Operation", "SchemaField", "by_tag", "matching", "operations_of"]
