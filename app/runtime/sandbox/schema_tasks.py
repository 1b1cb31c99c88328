"""Sandbox tasks: check JSON Schemas and read YAML.

A regular expression in a schema may take unlimited time, and YAML aliases unlimited memory.
"""

import json
import re
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, ClassVar

# Here, so that they are loaded before the process is ready, and not within the time of a task.
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from jsonschema.validators import validator_for
from jsonschema_specifications import REGISTRY
from referencing import Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012, specification_with

from app.domain.common.strict_json import read
from app.domain.events.event import UNCHECKED

# Values in a YAML document, counted at every reference.
MAX_VALUES = 300_000
# Reported errors per value, and characters of each.
MAX_ERRORS, MAX_LENGTH = 20, 300
_TOO_DEEP = "Nested too deeply."
# Reported errors per event.
MAX_MISMATCHES = 10


def check_schemas(pairs: bytes) -> Iterator[bytes]:
    """pairs: JSON of [schema, value or null] pairs. One step: JSON of the errors in each schema and
    in each value, as [path, message] pairs."""
    try:
        checked = [_check(schema, value) for schema, value in json.loads(pairs)]
        yield json.dumps({"checked": checked}).encode()
    except RecursionError:
        yield json.dumps({"error": _TOO_DEEP}).encode()


def _check(schema: Any, value: Any) -> dict[str, list[tuple[str, str]]]:
    try:
        faults = _schema_faults(schema)
        if faults or value is None:
            return {
                "schema": [(_cut(path), text) for path, text in faults[:MAX_ERRORS]],
                "value": [],
            }
        # This registry never fetches a schema over the network.
        validator = validator_for(schema, default=Draft202012Validator)(schema, registry=REGISTRY)
        errors = islice(validator.iter_errors(value), MAX_ERRORS)
        return {"schema": [], "value": [(_cut(e.json_path), _cut(e.message)) for e in errors]}
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # noqa: BLE001 -- the library raises anything for odd schemas
        return {"schema": [("$", _cut(_problem(error)))], "value": []}


def _schema_faults(schema: Any) -> list[tuple[str, str]]:
    """With those of the parts that it refers to: its metaschema only knows the usual places."""
    kind = validator_for(schema, default=Draft202012Validator)
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        return [(error.json_path, _cut(error.message))]
    references = list(_references(schema, "$"))
    foreign = [(path, f"{ref} is outside this schema") for path, ref in references if _leaves(ref)]
    if foreign:
        return foreign
    return list(islice(_dead_references(schema, kind), MAX_ERRORS)) if references else []


def _dead_references(schema: Any, kind: Any) -> Iterator[tuple[str, str]]:
    """(path of the schema, problem) of references to what is not there or is not a schema. Each is
    resolved as a check does it: from the part that has it, which may have an `$id` of its own."""
    root = Resource.from_contents(schema, default_specification=DRAFT202012)
    specification = specification_with(schema.get("$schema", ""), default=DRAFT202012)
    uri = root.id() or ""
    parts = [(root, REGISTRY.with_resource(uri, root).crawl().resolver(uri))]
    paths = {id(part): path for path, part in _objects(schema, "$")}
    seen: set[int] = set()
    checked = {id(schema)}
    while parts:
        part, resolver = parts.pop()
        if id(part.contents) in seen or id(part.contents) not in paths:
            continue
        seen.add(id(part.contents))
        path = paths[id(part.contents)]
        for name in ("$ref", "$dynamicRef"):
            if not isinstance(ref := part.contents.get(name), str):
                continue
            try:
                target = resolver.lookup(ref)
                if id(target.contents) not in checked:
                    kind.check_schema(target.contents)
                    checked.add(id(target.contents))
            except Unresolvable:
                yield path, f"{ref[:100]} refers to nothing in this schema"
            except SchemaError as error:
                yield path, _cut(f"{ref[:100]} is no schema: {error.message}")
            except (TypeError, ValueError, LookupError):
                yield path, f"{ref[:100]} is no reference to a schema"
            else:
                parts.append((specification.create_resource(target.contents), target.resolver))
        parts += [(each, resolver.in_subresource(each)) for each in part.subresources()]


def _objects(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in the document, with its path."""
    if isinstance(value, dict):
        yield path, value
        for name, inner in value.items():
            yield from _objects(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _objects(inner, f"{path}[{index}]")


def match_payloads(
    schemas: Sequence[bytes], payloads: Sequence[tuple[int, bytes]], seconds: float
) -> Iterator[bytes]:
    """schemas: JSON of valid schemas. payloads: the position of its schema, and JSON. One step for
    each: JSON of the seconds of CPU so far, and its mismatches as [path, message] pairs. None after
    `seconds`."""
    began = time.process_time()
    for position, payload in payloads:
        mismatches = _mismatches(schemas[position], payload)
        spent = time.process_time() - began
        yield json.dumps([spent, mismatches]).encode()
        if spent > seconds:
            break


def _mismatches(schema: bytes, payload: bytes) -> list[tuple[str, str]]:
    try:
        errors = islice(_validator(schema).iter_errors(read(payload)), MAX_MISMATCHES)
        return [(_cut(error.json_path), _cut(error.message)) for error in errors]
    except MemoryError:
        raise
    except RecursionError:
        problem = "it is nested too deeply"
    except ArithmeticError as error:
        problem = f"a number cannot be used: {error}"
    except Exception as error:  # noqa: BLE001 -- the library raises anything for odd schemas
        problem = _problem(error)
    return [("$", _cut(f"{UNCHECKED}{problem}"))]


def _problem(error: Exception) -> str:
    if isinstance(error, Unresolvable):
        return f"the schema's reference {error.ref} cannot be resolved"
    if isinstance(error, re.error):
        return f"invalid regular expression in the schema: {error}"
    first_line = str(error).partition("\n")[0]
    return f"the schema cannot be used: {first_line}"


@lru_cache(maxsize=16)
def _validator(schema: bytes) -> Any:
    document = json.loads(schema)
    kind = validator_for(document, default=Draft202012Validator)
    return kind(document, registry=REGISTRY)


def _references(schema: Any, path: str) -> Iterator[tuple[str, str]]:
    """(path of the schema, reference)"""
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name in ("$ref", "$dynamicRef") and not isinstance(value, dict | bool):
                yield path, value if isinstance(value, str) else json.dumps(value)
            else:
                yield from _references(value, f"{path}.{name}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from _references(value, f"{path}[{index}]")


def _leaves(reference: str) -> bool:
    return not reference.startswith("#") and "json-schema.org/" not in reference


def _cut(text: str) -> str:
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"


def read_yaml(text: bytes) -> Iterator[bytes]:
    """text: a JSON string. One step: JSON with the `value` of the document, or an `error`."""
    try:
        yield json.dumps(_read_yaml(json.loads(text))).encode()
    except RecursionError:
        yield json.dumps({"error": _TOO_DEEP}).encode()


def _read_yaml(text: str) -> dict[str, Any]:
    import yaml

    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc,valid-type]
        """Plain values as in YAML 1.2: no dates, no `yes`, no base 60."""

        yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    for tag, pattern, starts in _PLAIN:
        Loader.add_implicit_resolver(tag, pattern, starts)
    try:
        value = yaml.load(text, Loader)  # noqa: S506 -- a subclass of SafeLoader
    except yaml.YAMLError as error:
        return {"error": _cut(" ".join(str(error).split()))}
    if _count(value) > MAX_VALUES:
        return {"error": f"More than {MAX_VALUES} values."}
    return {"value": value}


def _count(value: Any, so_far: int = 0) -> int:
    """The number of values, at most MAX_VALUES + 1."""
    so_far += 1
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for element in inside:
        if so_far > MAX_VALUES:
            break
        so_far = _count(element, so_far)
    return so_far


def _plain() -> list[tuple[str, Any, list[str] | None]]:
    number = r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
    return [
        (
            "tag:yaml.org,2002:bool",
            re.compile(r"^(true|True|TRUE|false|False|FALSE)$"),
            list("tTfF"),
        ),
        ("tag:yaml.org,2002:null", re.compile(r"^(~|null|Null|NULL|)$"), ["~", "n", "N", ""]),
        ("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789")),
        ("tag:yaml.org,2002:float", re.compile(f"^{number}$"), list("-+.0123456789")),
        ("tag:yaml.org,2002:merge", re.compile(r"^<<$"), ["<"]),
    ]


_PLAIN = _plain()
