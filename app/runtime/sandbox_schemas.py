"""What a sandbox process does with schemas and YAML: a pattern of a schema may take as long as it
likes, and a knot in YAML as much memory.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, ClassVar

# Values in a document of YAML, each counted as often as it is referred to.
MOST_VALUES = 300_000
# Faults told of one value, and characters of each.
MOST, LONGEST = 20, 300
_TOO_DEEP = "It is nested too deep."


def check_schemas(pairs: bytes) -> Iterator[bytes]:
    """pairs: JSON of pairs of a schema and a value of it, or None. For each what is wrong with the
    schema, and with the value, as pairs of a path and a sentence."""
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
        return {"schema": foreign[:MOST], "value": []}
    if value is None:
        return {"schema": [], "value": []}
    # This registry fetches nothing.
    validator = kind(schema, registry=REGISTRY)
    try:
        found = islice(validator.iter_errors(value), MOST)
        return {"schema": [], "value": [(e.json_path, _cut(e.message)) for e in found]}
    except Unresolvable as error:
        problem = f"It refers to {error.ref}, which it does not have"
    except re.error as error:
        problem = f"A pattern in it is none: {error}"
    return {"schema": [("$", _cut(problem))], "value": []}


def _foreign(schema: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name in ("$ref", "$dynamicRef") and isinstance(value, str):
                if not value.startswith("#") and "json-schema.org/" not in value:
                    yield path, value[:100]
            else:
                yield from _foreign(value, f"{path}.{name}")
    elif isinstance(schema, list):
        for place, value in enumerate(schema):
            yield from _foreign(value, f"{path}[{place}]")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def read_yaml(text: bytes) -> Iterator[bytes]:
    """text: as JSON. JSON of `value`: what it says, in JSON's types; or `error`."""
    try:
        yield json.dumps(_read_yaml(json.loads(text))).encode()
    except RecursionError:
        yield json.dumps({"error": _TOO_DEEP}).encode()


def _read_yaml(text: str) -> dict[str, Any]:
    import yaml

    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc,valid-type]
        """YAML 1.2's plain values: no dates, no `yes`, no base 60."""

        yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    for tag, pattern, starts in _PLAIN:
        Loader.add_implicit_resolver(tag, pattern, starts)
    try:
        value = yaml.load(text, Loader)  # noqa: S506 -- a SafeLoader's child
    except yaml.YAMLError as error:
        return {"error": _cut(" ".join(str(error).split()))}
    if _count(value) > MOST_VALUES:
        return {"error": f"It holds more than {MOST_VALUES} values."}
    return {"value": value}


def _count(value: Any, so_far: int = 0) -> int:
    """How many values there are, up to one more than MOST_VALUES."""
    so_far += 1
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inside:
        if so_far > MOST_VALUES:
            break
        so_far = _count(one, so_far)
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
