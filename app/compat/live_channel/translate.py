"""Map webhooks between the live channel dialect and the native API."""

from collections.abc import Iterable

from app.compat.common import naming
from app.compat.common.views import Document, Outline, WebhookView
from app.domain.common.errors import invalid
from app.domain.webhooks.presets import PRESETS

ALL = "all"
KNOWN = PRESETS["live_channel"].event_types

_REMEDY = f"Send event types separated by commas, such as {','.join(KNOWN[:2])}, or {ALL}."


def names(value: object) -> list[str]:
    """The names in `a,b`, or in a list of such strings. Invalid when there is none."""
    parts = value if isinstance(value, list) else [value]
    texts = [part for part in parts if isinstance(part, str)]
    if len(texts) < len(parts):
        raise invalid("event", "type", "Not names of event types.", _REMEDY)
    stripped = [name.strip() for text in texts for name in text.split(",")]
    if not any(stripped):
        raise invalid("event", "required", "No event type.", _REMEDY)
    return list(dict.fromkeys(name for name in stripped if name))


def to_create(fields: Document) -> Document:
    """Event types are required. Invalid."""
    return {**_native({"event": "", **fields}), "preset": "live_channel"}


def to_update(fields: Document, _: WebhookView) -> Document:
    return _native(fields)


def _native(fields: Document) -> Document:
    native: Document = {}
    if fields.get("uri") is not None:
        native["url"] = fields["uri"]
    if fields.get("event") is not None:
        event_types = names(fields["event"])
        native["event_types"] = None if ALL in event_types else event_types
    return native


def remaining(webhook: WebhookView, removed: list[str]) -> list[str]:
    """The event types that the webhook keeps."""
    if ALL in removed:
        return []
    return naming.without(webhook.event_types, webhook.preset, KNOWN, removed)


def render(webhook: WebhookView) -> Document:
    return {"id": webhook.id, "uri": webhook.url, "event": webhook.event_types or [ALL]}


def matches_any(outline: Outline, event_types: Iterable[str]) -> bool:
    """Whether the list's filter for these event types includes the webhook."""
    return outline.event_types is None or any(n in outline.event_types for n in event_types)
