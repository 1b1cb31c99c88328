"""Map webhooks between the encoding dialect and the native API."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.compat.common import naming
from app.compat.common.views import Document, Outline, WebhookView
from app.domain.common.clock import iso
from app.domain.common.errors import Invalid, invalid
from app.domain.event_types.patterns import selector_of

# The original's booleans, in its order, and their event types.
EVENTS = {
    "file_received": "file.received",
    "encoding_started": "encoding.started",
    "partial_finished": "partial.finished",
    "encoding_finished": "encoding.finished",
    "encoding_failed": "encoding.failed",
}
MAX_NAME_LENGTH = 100

_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False", ""})
_SORT_FIELDS = ("created_at", "name", "url")


def to_create(fields: Document) -> Document:
    """Without a selected event the list of event types is empty, which the service refuses together
    with whatever else is wrong. Invalid."""
    selected = selection(fields)
    event_types = [EVENTS[name] for name in EVENTS if selected.get(name)]
    return {**_url_and_name(fields), "event_types": event_types, "preset": "encoding"}


def to_update(fields: Document, webhook: WebhookView) -> Document:
    """Event types that the dialect has no boolean for stay; so does "all", unless one of its events
    is deselected. Invalid."""
    native, selected = _url_and_name(fields), selection(fields)
    before = webhook.event_types
    if before is None and all(selected.values()):
        return native
    removed = {EVENTS[name] for name, is_selected in selected.items() if not is_selected}
    after = naming.without(before, webhook.preset, EVENTS.values(), removed)
    added = [type_ for name, type_ in EVENTS.items() if selected.get(name)]
    after += [type_ for type_ in added if not _selects(after, type_)]
    if not after:
        raise _nothing_selected()
    return {**native, "event_types": after}


def selection(fields: Mapping[str, Any]) -> dict[str, bool]:
    """The values of those of the five booleans that are present. Invalid."""
    return {name: _boolean(fields[name], name) for name in EVENTS if fields.get(name) is not None}


def render(webhook: WebhookView) -> Document:
    types = webhook.event_types
    return {
        "id": webhook.id,
        "user_id": webhook.organization_id,
        "name": webhook.name,
        "url": webhook.url,
        **{name: _selects(types, type_) for name, type_ in EVENTS.items()},
        "created_at": iso(webhook.created_at),
        "updated_at": iso(webhook.updated_at),
        "last_triggered_at": iso(last) if (last := webhook.last_attempt_at) else None,
    }


def search(outlines: Iterable[Outline], query: Mapping[str, str]) -> Sequence[Outline]:
    """Those that match the list's filters, in the requested order. Invalid."""
    text = query.get("search", "").lower()
    required = [EVENTS[name] for name, is_selected in selection(query).items() if is_selected]
    matching = [
        outline
        for outline in outlines
        if text in outline.name.lower()
        and all(_selects(outline.event_types, type_) for type_ in required)
    ]
    sort_field = query.get("sort_by") or _SORT_FIELDS[0]
    order = query.get("order_by") or "asc"
    if sort_field not in _SORT_FIELDS:
        raise invalid("sort_by", "choice", "Allowed values: created_at, url, name.", "")
    if order not in ("asc", "desc"):
        problem = 'Unknown sorting order. Please use "asc" or "desc".'
        raise invalid("order_by", "choice", problem, "")
    return sorted(matching, key=lambda o: (getattr(o, sort_field), o.id), reverse=order == "desc")


def _selects(event_types: list[str] | None, type_: str) -> bool:
    return event_types is None or selector_of(event_types, type_) is not None


def _url_and_name(fields: Document) -> Document:
    values = {name: fields[name] for name in ("url", "name") if fields.get(name) is not None}
    values = {name: v.strip() if isinstance(v, str) else v for name, v in values.items()}
    name = values.get("name", "")
    if isinstance(name, str) and len(name) > MAX_NAME_LENGTH:
        problem = f"The name has {len(name)} characters."
        raise invalid("name", "length", problem, f"Use at most {MAX_NAME_LENGTH}.")
    return values


def _boolean(value: object, name: str) -> bool:
    word = str(value) if isinstance(value, str | bool) else "neither"
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise invalid(name, "type", "It is neither true nor false.", "Send true or false.")


def _nothing_selected() -> Invalid:
    remedy = f"Set at least one of {', '.join(EVENTS)} to true."
    return invalid("event", "required", "No event is selected.", remedy)
