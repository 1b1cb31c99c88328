"""Map webhooks between the live channel dialect and the native API."""

from collections.abc import Iterable

from app.compat.common import naming
from app.compat.common.views import Document, Outline, WebhookView
from app.domain.common.errors import Invalid, invalid
from app.domain.event_types.names import PRODUCT_TYPES
from app.domain.event_types.patterns import selected
from app.domain.webhooks.presets import PRESETS

ALL = "all"
KNOWN = PRESETS["live_channel"].event_types
# Without being in an organization's catalogue.
EXISTING = frozenset((*KNOWN, *PRODUCT_TYPES))

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
    if (uri := fields.get("uri")) is not None:
        native["url"] = uri.strip() if isinstance(uri, str) else uri
    if fields.get("event") is not None:
        event_types = names(fields["event"])
        native["event_types"] = None if ALL in event_types else event_types
    return native


def is_forced(value: object) -> bool:
    """Whether the caller insists on event types that nobody has named yet."""
    return value is True or (isinstance(value, str) and value.lower() in ("true", "1"))


def unknown_events(unknown: Iterable[str], existing: Iterable[str]) -> Invalid:
    problem = f"There is no event type {', '.join(name[:60] for name in unknown)}."
    remedy = (
        f"Event types: {', '.join(existing)}. Send force=true to subscribe to one that comes later."
    )
    return invalid("event", "choice", problem, remedy)


def remaining(webhook: WebhookView, removed: list[str]) -> list[str]:
    """The event types that the webhook keeps."""
    if ALL in removed:
        return []
    return naming.without(webhook.event_types, webhook.preset, KNOWN, removed)


def render(webhook: WebhookView) -> Document:
    return {"id": webhook.id, "uri": webhook.url, "event": webhook.event_types or [ALL]}


def matches_any(outline: Outline, event_types: Iterable[str]) -> bool:
    """Whether the list's filter for these event types includes the webhook."""
    return outline.event_types is None or bool(selected(outline.event_types, event_types))
