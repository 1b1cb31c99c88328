"""Map edits and renders between the render dialect and events."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from app.compat.common.views import Document
from app.domain.common import strict_json
from app.domain.common.clock import iso
from app.domain.common.errors import FieldError, Invalid, Malformed
from app.domain.common.json_text import plain
from app.domain.common.strict_json import kind_of

STATUSES = ("queued", "fetching", "rendering", "saving", "done", "failed")
QUEUED = "render.queued"
REQUIRED = ("timeline", "output")

# Optional fields of the original's response, and the types that its clients require.
OPTIONAL: dict[str, tuple[type, ...]] = {
    "plan": (str,),
    "duration": (int, float),
    "renderTime": (int, float),
    "poster": (str,),
    "thumbnail": (str,),
}


@dataclass(frozen=True, slots=True)
class Edit:
    """A request for a render. callback: before its merge fields are filled in."""

    callback: str | None
    merge: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RenderEvent:
    """An event about a render. occurred_at: milliseconds since the epoch. payload: None once it
    has expired."""

    type: str
    occurred_at: int
    payload: bytes | None


def to_create(body: bytes) -> Edit:
    """Malformed: not a JSON object. Invalid: all errors; fields that only a renderer understands
    are not checked."""
    document = strict_json.read(body)
    if not isinstance(document, dict):
        raise Malformed(f"The body is {kind_of(document)}. Send an edit as a JSON object.")
    errors = [
        FieldError(name, "required", f'"{name}" is required.', "Send an object.")
        for name in REQUIRED
        if not isinstance(document.get(name), dict)
    ]
    callback = document.get("callback")
    if callback is not None and not isinstance(callback, str):
        problem = f'"callback" is {kind_of(callback)}.'
        errors.append(FieldError("callback", "type", problem, "Send a URL as a string."))
    edit = Edit(callback or None, tuple(_merge(document.get("merge"), errors)))
    if errors:
        raise Invalid(errors)
    return edit


def _merge(merge: object, errors: list[FieldError]) -> Iterable[tuple[str, str]]:
    remedy = 'Send a list such as [{"find": "NAME", "replace": "value"}].'
    if merge is None:
        return
    if not isinstance(merge, list):
        errors.append(FieldError("merge", "type", f'"merge" is {kind_of(merge)}.', remedy))
        return
    for index, entry in enumerate(merge):
        name = entry.get("find") if isinstance(entry, dict) else None
        if isinstance(name, str) and "replace" in entry:
            yield name, _as_text(entry["replace"])
        else:
            problem = f'"merge[{index}]" has no find and replace.'
            errors.append(FieldError(f"merge[{index}]", "type", problem, remedy))


def _as_text(value: object) -> str:
    """A template accepts any JSON value; a URL gets its text."""
    return value if isinstance(value, str) else plain(msgspec.json.encode(value))


def created(render_id: str) -> Document:
    response = {"message": "Render Successfully Queued", "id": render_id}
    return {"success": True, "message": "Created", "response": response}


def render(
    render_id: str,
    owner: str,
    newest: Iterable[RenderEvent],
    first: RenderEvent,
    *,
    with_data: bool,
) -> bytes | None:
    """The state of a render as JSON, with the bytes of its edit. None: no event has a state.

    newest: its latest events, newest first. first: its oldest, which holds the edit.
    """
    for event in (*newest, first):
        details = _details(event)
        status = _status(event.type, details)
        if status is not None:
            break
    else:
        return None
    response: Document = {
        "id": render_id,
        "owner": _text(details, "owner") or owner,
        "status": status,
        # Empty rather than null, which the original's clients refuse.
        "url": _text(details, "url"),
        "error": _text(details, "error"),
    }
    response |= {n: details[n] for n, kinds in OPTIONAL.items() if _has_type(details.get(n), kinds)}
    if with_data and first.type == QUEUED and first.payload is not None:
        response["data"] = msgspec.Raw(first.payload)
    response |= {"created": iso(first.occurred_at), "updated": iso(event.occurred_at)}
    return msgspec.json.encode({"success": True, "message": "OK", "response": response})


def _details(event: RenderEvent) -> Document:
    """The payload, which describes the render; the first event's payload is the edit."""
    if event.type == QUEUED or event.payload is None:
        return {}
    payload: Document = strict_json.read(event.payload)
    return payload


def _status(event_type: str, details: Document) -> str | None:
    family, _, name = event_type.partition(".")
    status = name if family == "render" else details.get("status")
    return status if status in STATUSES else None


def _text(details: Document, name: str) -> str:
    value = details.get(name)
    return value if isinstance(value, str) else ""


def _has_type(value: object, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool) and value != float("inf")
