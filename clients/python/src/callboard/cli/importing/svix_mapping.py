"""What of Svix becomes what here."""

import re
from dataclasses import dataclass, field
from typing import Any, cast

from callboard.models import WebhookSettings

# Of the webhook's metadata: which endpoint it came from, so that a second import finds it.
ORIGIN = "svix_endpoint_id"
_SENSITIVE = re.compile(r"auth|token|secret|passw|credential|api-?key", re.IGNORECASE)
_TYPE_NAME = re.compile(r"[A-Za-z0-9._-]{1,128}")


@dataclass(frozen=True, slots=True)
class Mapped:
    """missing: what could not be taken over, in words."""

    settings: WebhookSettings
    missing: list[str] = field(default_factory=list)


def webhook(
    endpoint: dict[str, Any],
    secret: str,
    headers: dict[str, str],
    sensitive: list[str],
    *,
    has_transformation: bool,
) -> Mapped:
    """Receivers need no change: the body is the unchanged payload, and the `svix-*` headers are
    signed with the same secret."""
    types = endpoint.get("eventTypes") or endpoint.get("filterTypes")
    rate = endpoint.get("throttleRate") or endpoint.get("rateLimit")
    secret_headers = {name: value for name, value in headers.items() if _SENSITIVE.search(name)}
    settings = {
        "url": str(endpoint["url"]),
        "name": str(endpoint.get("uid") or ""),
        "description": str(endpoint.get("description") or ""),
        "preset": "svix",
        "event_types": list(types) if types else None,
        "sources": list(endpoint["channels"]) if endpoint.get("channels") else None,
        "rate_limit_per_second": rate or None,
        "is_active": not endpoint.get("disabled", False),
        "headers": {name: value for name, value in headers.items() if name not in secret_headers},
        "secret_headers": secret_headers or None,
        "signing": "v1a" if secret.startswith("whsk_") else "v1",
        "secret": secret,
        "metadata": {**(endpoint.get("metadata") or {}), ORIGIN: str(endpoint["id"])},
    }
    missing = [f"the value of the header {name}" for name in sensitive]
    if has_transformation:
        missing.append("its transformation")
    return Mapped(cast("WebhookSettings", settings), missing)


@dataclass(frozen=True, slots=True)
class MappedType:
    """problem: why it cannot be taken over; "" if it can."""

    name: str
    description: str
    schema: dict[str, Any] | None
    missing: list[str] = field(default_factory=list)
    problem: str = ""


def event_type(document: dict[str, Any]) -> MappedType:
    name = str(document.get("name", ""))
    problem = (
        "" if _TYPE_NAME.fullmatch(name) else "its name has other characters than A-Za-z0-9._-"
    )
    schemas = {str(key): value for key, value in (document.get("schemas") or {}).items()}
    latest = max(schemas, key=_version, default=None)
    schema = schemas[latest] if latest is not None else None
    missing = ["schemas of earlier versions"] if len(schemas) > 1 else []
    if document.get("featureFlag") or document.get("featureFlags"):
        missing.append("its feature flag")
    is_object = isinstance(schema, dict) and bool(schema)
    text = str(document.get("description") or "")
    return MappedType(name, text, schema if is_object else None, missing, problem)


def _version(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isascii() and key.isdigit() else (-1, key)
