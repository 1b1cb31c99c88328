"""JSON Schemas of an event type by version, and their examples."""

from collections.abc import Mapping
from typing import Any


def schema_of(schemas: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The schema of the highest version."""
    versions = [name for name in schemas or () if isinstance((schemas or {})[name], dict)]
    latest = max(versions, key=lambda name: (int(name) if name.isdigit() else -1, name), default="")
    schema: dict[str, Any] | None = (schemas or {}).get(latest)
    return schema


def sample_of(schema: dict[str, Any] | None, index: int = 0) -> dict[str, Any] | None:
    """The example of a schema, if it has one that can be a payload."""
    examples = (schema or {}).get("examples")
    if not isinstance(examples, list) or not 0 <= index < len(examples):
        return None
    return examples[index] if isinstance(examples[index], dict) else None
