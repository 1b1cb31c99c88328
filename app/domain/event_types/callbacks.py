"""Callbacks as OpenAPI describes requests: what a webhook with default settings sends."""

from collections.abc import Mapping
from typing import Any

from app.domain.deliveries.callback_headers import CALLBACK_HEADERS

# A callback's body: the payload alone, or in the envelope of the preset `standard`.
PAYLOAD, STANDARD = "payload", "standard"
BODIES = (PAYLOAD, STANDARD)

# A longer text is a description.
_MAX_SUMMARY = 120
_RESPONSES = {
    "2XX": {"description": "Received: the delivery succeeded."},
    "410": {"description": "Stop: a webhook of the preset `standard` is disabled."},
    "default": {"description": "The attempt failed; it is repeated by the webhook's policy."},
}


def parameters() -> dict[str, Any]:
    """The headers by name, for `components`."""
    return {
        header.name: {
            "name": header.name,
            "in": "header",
            "required": header.is_always_sent,
            "description": header.description,
            "schema": header.schema,
        }
        for header in CALLBACK_HEADERS
    }


def path_item(text: str, media: Mapping[str, Any]) -> dict[str, Any]:
    """A callback of a document that has `parameters`. text: what it is about; "" for nothing.
    media: the body's schema and example."""
    is_short = len(text) <= _MAX_SUMMARY and "\n" not in text
    headers = [{"$ref": f"#/components/parameters/{header.name}"} for header in CALLBACK_HEADERS]
    return {
        "post": {
            **({"summary" if is_short else "description": text} if text else {}),
            "security": [],
            "parameters": headers,
            "requestBody": {"required": True, "content": {"application/json": dict(media)}},
            "responses": _RESPONSES,
        }
    }


def in_envelope(event_type: str, data: Any) -> dict[str, Any]:
    """The schema of a body of the preset `standard`. data: the payload's; None: any."""
    return {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"type": "string", "const": event_type},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"type": "object"} if data is None else data,
        },
    }
