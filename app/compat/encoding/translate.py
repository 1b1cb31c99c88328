"""The encoding lifecycle's words for ours, both ways."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.compat.common import naming
from app.domain.addresses.urls import check_url
from app.domain.common.clock import iso
from app.domain.common.errors import FieldError, Invalid, invalid
from app.models import Webhook
from app.queries.webhooks import Outline

Document = dict[str, Any]

# The original's booleans, in its order, and the event types that they stand for.
EVENTS = {
    "file_received": "file.received",
    "encoding_started": "encoding.started",
    "partial_finished": "partial.finished",
    "encoding_finished": "encoding.finished",
    "encoding_failed": "encoding.failed",
}
LONGEST_NAME = 100

_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False", ""})
_SORTS = ("created_at", "name", "url")
# What is wrong with the URL is told before what is wrong with the name and the events.
_ORDER = ("url", "name", "event")
_SAID = {
    "url": "Invalid URL.",
    "name": "Name must be less than 100 characters.",
    "event": "Event must be selected.",
    "limit": "Limit only allowed values 1-100.",
}


def to_new(body: Mapping[str, Any]) -> Document:
    """What the services take, for a webhook that is to be made. Invalid."""
    fields = _plain(body)
    # The original looks at the URL first.
    check_url(fields.get("url", ""), "url")
    chosen = choices(body)
    fields["event_types"] = [EVENTS[name] for name in EVENTS if chosen.get(name)]
    if not fields["event_types"]:
        raise _nothing_selected()
    return {**fields, "preset": "encoding"}


def to_change(body: Mapping[str, Any], row: Webhook) -> Document:
    """What the services take, for a webhook as it stands. Events that the dialect has no word for
    stay; so does "all", unless one of its events is taken away. Invalid."""
    fields, chosen = _plain(body), choices(body)
    before = row.event_types
    if before is None and all(chosen.values()):
        return fields
    gone = {EVENTS[name] for name, is_wanted in chosen.items() if not is_wanted}
    after = naming.without(before, row.preset, EVENTS.values(), gone)
    after += [EVENTS[name] for name in EVENTS if chosen.get(name) and EVENTS[name] not in after]
    if not after:
        raise _nothing_selected()
    return {**fields, "event_types": after}


def choices(given: Mapping[str, Any]) -> dict[str, bool]:
    """Those of the five booleans that are given. Invalid."""
    return {name: _flag(given[name], name) for name in EVENTS if given.get(name) is not None}


def shown(row: Webhook) -> Document:
    types = row.event_types
    return {
        "id": row.id,
        "user_id": row.organization_id,
        "name": row.name,
        "url": row.url,
        **{name: types is None or type_ in types for name, type_ in EVENTS.items()},
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
    }


def searched(outlines: Iterable[Outline], query: Mapping[str, str]) -> list[Outline]:
    """Those that the list's filters let through, in the order that it asks for. Invalid."""
    text = query.get("search", "").lower()
    wanted = [EVENTS[name] for name, is_wanted in choices(query).items() if is_wanted]
    found = [
        outline
        for outline in outlines
        if text in outline.name.lower()
        and (outline.event_types is None or all(n in outline.event_types for n in wanted))
    ]
    by = query.get("sort_by") or _SORTS[0]
    order = query.get("order_by") or "asc"
    if by not in _SORTS:
        raise invalid("sort_by", "choice", "Allowed values: created_at, url, name.", "")
    if order not in ("asc", "desc"):
        said = 'Unknown sorting order. Please use "asc" or "desc".'
        raise invalid("order_by", "choice", said, "")
    return sorted(found, key=lambda o: (getattr(o, by), o.id), reverse=order == "desc")


def message(errors: Iterable[FieldError]) -> tuple[str, str]:
    """The original's sentence on the first of what is wrong, and all of it in our words."""
    ranked = sorted(errors, key=lambda e: _ORDER.index(e.field) if e.field in _ORDER else 9)
    first, detail = ranked[0], " ".join(f"{e.problem} {e.remedy}".strip() for e in ranked)
    said = _SAID.get(first.field)
    if said is None:
        said = first.problem if first.code == "choice" else f"{first.field}: {first.problem}"
    return said, detail


def _plain(body: Mapping[str, Any]) -> Document:
    fields = {name: body[name] for name in ("url", "name") if body.get(name) is not None}
    fields = {name: v.strip() if isinstance(v, str) else v for name, v in fields.items()}
    name = fields.get("name", "")
    if isinstance(name, str) and len(name) > LONGEST_NAME:
        problem = f"The name has {len(name)} characters."
        raise invalid("name", "length", problem, f"Give at most {LONGEST_NAME}.")
    return fields


def _flag(value: object, name: str) -> bool:
    word = str(value) if isinstance(value, str | bool) else "neither"
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise invalid(name, "type", "It is neither true nor false.", "Give true or false.")


def _nothing_selected() -> Invalid:
    remedy = f"Set at least one of {', '.join(EVENTS)} to true."
    return invalid("event", "required", "No event is selected.", remedy)
