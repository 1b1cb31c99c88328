"""The live channel's words for ours, both ways."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.compat.common import naming
from app.domain.common.errors import FieldError, invalid
from app.domain.webhooks.presets import PRESETS
from app.models import Webhook
from app.queries.webhooks import Outline

Document = dict[str, Any]

ALL = "all"
KNOWN = PRESETS["live_channel"].event_types

_REMEDY = f"Give event types separated by commas, such as {','.join(KNOWN[:2])}, or {ALL}."


def names(value: object) -> list[str]:
    """The names in `a,b`, or in a list of such. Invalid when there is none."""
    parts: list[Any] = value if isinstance(value, list) else [value]
    if not all(isinstance(part, str) for part in parts):
        raise invalid("event", "type", "These are not names of event types.", _REMEDY)
    found = [name.strip() for part in parts for name in part.split(",")]
    if not any(found):
        raise invalid("event", "required", "No event is named.", _REMEDY)
    return list(dict.fromkeys(name for name in found if name))


def to_ours(body: Mapping[str, Any]) -> Document:
    """The fields that the services take; only what is given. Invalid."""
    fields: Document = {}
    if body.get("uri") is not None:
        fields["url"] = body["uri"]
    if body.get("event") is not None:
        found = names(body["event"])
        fields["event_types"] = None if ALL in found else found
    return fields


def to_new(body: Mapping[str, Any]) -> Document:
    """As `to_ours`, for a webhook that is to be made: its events must be named."""
    return {**to_ours({"event": "", **body}), "preset": "live_channel"}


def left(row: Webhook, gone: list[str]) -> list[str]:
    """What the webhook goes on with when it is to have these events no more."""
    return [] if ALL in gone else naming.without(row.event_types, row.preset, KNOWN, gone)


def shown(row: Webhook) -> Document:
    return {"id": row.id, "uri": row.url, "event": row.event_types or [ALL]}


def takes_any(outline: Outline, wanted: Iterable[str]) -> bool:
    """Whether it is found by a filter for these events."""
    return outline.event_types is None or any(name in outline.event_types for name in wanted)


def message(errors: Iterable[FieldError]) -> str:
    return " ".join(f"{_field(error.field)}: {error.problem} {error.remedy}" for error in errors)


def _field(ours: str) -> str:
    """Our field in the dialect's own words."""
    if ours == "url":
        return "uri"
    return "event" if ours.startswith("event_types") else ours
