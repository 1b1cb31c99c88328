"""A body with everything that a model requires, for methods that are expected to be refused.

The models are those of the PyPI package `svix`; other languages have the same names.
"""

from typing import Any

from pydantic import BaseModel
from svix import models


def example(name: str) -> Any:
    """Empty where the package of this environment has no such model."""
    bare = name.removesuffix("Update")
    # 2.x has no `EndpointUpdate` but `EndpointUpsertIn`.
    candidates = (getattr(models, each, None) for each in (name, f"{bare}UpsertIn", f"{bare}In"))
    model = next(filter(None, candidates), None)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return {}
    schema = model.model_json_schema()
    return _value(schema, schema.get("$defs", {}))


def _value(schema: dict[str, Any], types: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _value(types[schema["$ref"].rpartition("/")[2]], types)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return _value(schema[choice][0], types)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") == "date-time":
        return "2026-01-01T00:00:00Z"
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        required = schema.get("required", ())
        return {name: _value(properties[name], types) for name in required}
    scalars = {"string": "x", "integer": 1, "number": 1, "boolean": False, "array": []}
    return scalars.get(schema.get("type", ""))
