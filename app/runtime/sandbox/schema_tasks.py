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

# Values in a YAML document, counted at every reference.
MAX_VALUES = 300_000
# Reported errors per value, and characters of each.
MAX_ERRORS, MAX_LENGTH = 20, 300
_TOO_DEEP = "Nested too deeply."
# Reported errors per event.
MAX_MISMATCHES = 10
_SPENT = "not checked: the checks of this request took too long"


def check_schemas(pairs: bytes) -> Iterator[bytes]:
    """pairs: JSON of [schema, value or null] pairs. One step: JSON of the errors in each schema and
    in each value, as [path, message] pairs."""
    try:
        checked = [_check(schema, value) for schema, value in json.loads(pairs)]
        yield json.dumps({"checked": checked}).encode()
    except RecursionError:
        yield json.dumps({"error": _TOO_DEEP}).encode()


def _check(schema: Any, value: Any) -> dict[str, list[tuple[str, str]]]:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for
    from jsonschema_specifications import REGISTRY
    from referencing.exceptions import Unresolvable

    kind = validator_for(schema, default=Draft202012Validator)
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        return {"schema": [(error.json_path, _cut(error.message))], "value": []}
    foreign = [(path, f"{ref} is outside this schema") for path, ref in _foreign(schema, "$")]
    if foreign:
        return {"schema": foreign[:MAX_ERRORS], "value": []}
    if value is None:
        return {"schema": [], "value": []}
    # This registry never fetches a schema over the network.
    validator = kind(schema, registry=REGISTRY)
    try:
        errors = islice(validator.iter_errors(value), MAX_ERRORS)
        return {"schema": [], "value": [(e.json_path, _cut(e.message)) for e in errors]}
    except Unresolvable as error:
        problem = f"The reference {error.ref} cannot be resolved"
    except re.error as error:
        problem = f"Invalid regular expression: {error}"
    return {"schema": [("$", _cut(problem))], "value": []}


def match_payloads(
    schemas: Sequence[bytes], payloads: Sequence[tuple[int, bytes]], seconds: float
) -> Iterator[bytes]:
    """schemas: JSON of valid schemas. payloads: the position of its schema, and JSON. One step for
    each: JSON of its mismatches, as [path, message] pairs. seconds: of CPU, for all of them."""
    until = time.process_time() + seconds
    for position, payload in payloads:
        if time.process_time() > until:
            yield json.dumps([("$", _SPENT)]).encode()
        else:
            yield json.dumps(_mismatches(schemas[position], payload)).encode()


def _mismatches(schema: bytes, payload: bytes) -> list[tuple[str, str]]:
    from referencing.exceptions import Unresolvable

    from app.domain.common.strict_json import read

    try:
        errors = islice(_validator(schema).iter_errors(read(payload)), MAX_MISMATCHES)
        return [(_cut(error.json_path), _cut(error.message)) for error in errors]
    except RecursionError:
        problem = "nested too deeply to be checked"
    except Unresolvable as error:
        problem = f"the schema's reference {error.ref} cannot be resolved"
    except re.error as error:
        problem = f"invalid regular expression in the schema: {error}"
    except ArithmeticError as error:
        problem = f"a number cannot be checked: {error}"
    return [("$", _cut(problem))]


@lru_cache(maxsize=16)
def _validator(schema: bytes) -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import validator_for
    from jsonschema_specifications import REGISTRY

    document = json.loads(schema)
    kind = validator_for(document, default=Draft202012Validator)
    return kind(document, registry=REGISTRY)


def _foreign(schema: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name in ("$ref", "$dynamicRef") and isinstance(value, str):
                if not value.startswith("#") and "json-schema.org/" not in value:
                    yield path, value[:100]
            else:
                yield from _foreign(value, f"{path}.{name}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from _foreign(value, f"{path}[{index}]")


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
