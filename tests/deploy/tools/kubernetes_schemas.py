"""JSON schemas for kubeconform, made from the OpenAPI document in Kubernetes' own Go module."""

import json
from pathlib import Path
from typing import Any

PREFIX = "#/definitions/"


def write(swagger: Path, directory: Path) -> None:
    """One strict schema for each kind, with all that it refers to, as kubeconform names them."""
    definitions = json.loads(swagger.read_text())["definitions"]
    definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] = {"type": ["string", "integer"]}
    definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] = {"type": ["string", "number"]}
    strict = {name: _strict(definition) for name, definition in definitions.items()}
    for name, definition in definitions.items():
        for kind in definition.get("x-kubernetes-group-version-kind", []):
            group = kind["group"].partition(".")[0]
            parts = [kind["kind"].lower(), *([group] if group else []), kind["version"]]
            needed = {key: strict[key] for key in _reachable(name, strict)}
            schema = {"$ref": PREFIX + name, "definitions": needed}
            (directory / f"{'-'.join(parts)}.json").write_text(json.dumps(schema))


def _strict(definition: dict[str, Any]) -> dict[str, Any]:
    """No field that Kubernetes does not know: a misspelt one is an error."""
    standard = {key: value for key, value in definition.items() if not key.startswith("x-")}
    return standard | {"additionalProperties": False} if "properties" in standard else standard


def _reachable(name: str, definitions: dict[str, Any]) -> set[str]:
    names, open_names = set[str](), [name]
    while open_names:
        current = open_names.pop()
        if current not in names:
            names.add(current)
            open_names += _references(definitions[current])
    return names


def _references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for item in value for name in _references(item)]
    if not isinstance(value, dict):
        return []
    own = value.get("$ref")
    nested = [name for item in value.values() for name in _references(item)]
    return [own.removeprefix(PREFIX), *nested] if isinstance(own, str) else nested
