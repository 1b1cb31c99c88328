"""Map edits and renders between the render dialect and events."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from app.compat.common.views import Document
from app.domain.common import names, strict_json
from app.domain.common.clock import iso
from app.domain.common.errors import FieldError, Invalid, Malformed
from app.domain.common.json_text import plain
from app.domain.common.strict_json import kind_of

STATUSES = ("queued", "fetching", "rendering", "saving", "done", "failed")
QUEUED = "render.queued"
REQUIRED = ("timeline", "output")
MAX_NAME = 200

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


@dataclass(frozen=True, slots=True)
class TemplateRender:
    """A request for a render from a template. merge: entries as they came."""

    id: str
    merge: tuple[Document, ...]


def to_create(body: bytes) -> Edit:
    """Malformed: not a JSON object. Invalid: all errors; fields that only a renderer understands
    are not checked."""
    errors: list[FieldError] = []
    edit = _edit(_object(body, "an edit"), errors)
    if errors:
        raise Invalid(errors)
    return edit


def to_template(body: bytes) -> tuple[str, bytes]:
    """The name, and the bytes of the edit. Malformed, Invalid."""
    document = _object(body, "a name and a template")
    errors: list[FieldError] = []
    name, template = document.get("name"), document.get("template")
    if not isinstance(name, str) or not 1 <= len(name) <= MAX_NAME or names.text_fault(name):
        remedy = f"Send 1 to {MAX_NAME} printable characters."
        errors.append(FieldError("name", "required", '"name" is required.', remedy))
    if isinstance(template, dict):
        inner: list[FieldError] = []
        _edit(template, inner)
        errors += [_inside_template(error) for error in inner]
    else:
        remedy = "Send an edit as an object."
        errors.append(FieldError("template", "required", '"template" is required.', remedy))
    if errors:
        raise Invalid(errors)
    return str(name), bytes(_raw(body)["template"])


def to_render(body: bytes) -> TemplateRender:
    """Malformed, Invalid."""
    document = _object(body, "the id of a template")
    errors: list[FieldError] = []
    id_ = document.get("id")
    if not isinstance(id_, str) or not id_:
        remedy = "Send the id of a template."
        errors.append(FieldError("id", "required", '"id" is required.', remedy))
    merge = document.get("merge")
    list(_merge(merge, errors))
    if errors:
        raise Invalid(errors)
    return TemplateRender(str(id_), tuple(merge or ()))


def merged(edit: bytes, merge: tuple[Document, ...]) -> bytes:
    """The edit with these merge entries in place of its own for the same names. All that is not
    merged keeps its bytes."""
    if not merge:
        return edit
    fields, overridden = _raw(edit), {entry["find"] for entry in merge}
    own = msgspec.json.decode(fields["merge"]) if "merge" in fields else None
    kept = [entry for entry in own or () if entry["find"] not in overridden]
    fields["merge"] = msgspec.Raw(msgspec.json.encode([*kept, *merge]))
    return msgspec.json.encode(fields)


def of_template(error: Invalid) -> Invalid:
    """An error of an edit, as one of the template that has it."""
    return Invalid([_inside_template(each) for each in error.errors])


def _inside_template(error: FieldError) -> FieldError:
    path = f"template.{error.field}"
    return FieldError(path, error.code, error.problem, error.remedy)


def _object(body: bytes, wanted: str) -> Document:
    document = strict_json.read(body)
    if not isinstance(document, dict):
        raise Malformed(f"The body is {kind_of(document)}. Send {wanted} as a JSON object.")
    return document


def _raw(body: bytes) -> dict[str, msgspec.Raw]:
    return msgspec.json.decode(body, type=dict[str, msgspec.Raw])


def _edit(document: Document, errors: list[FieldError]) -> Edit:
    """Appends what is wrong to `errors`."""
    errors += [
        FieldError(name, "required", f'"{name}" is required.', "Send an object.")
        for name in REQUIRED
        if not isinstance(document.get(name), dict)
    ]
    callback = document.get("callback")
    if callback is not None and not isinstance(callback, str):
        problem = f'"callback" is {kind_of(callback)}.'
        errors.append(FieldError("callback", "type", problem, "Send a URL as a string."))
    merge = tuple(_merge(document.get("merge"), errors))
    return Edit(callback or None if isinstance(callback, str) else None, merge)


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
    return succeeded("Created", {"message": "Render Successfully Queued", "id": render_id})


def succeeded(message: str, response: Document) -> Document:
    return {"success": True, "message": message, "response": response}


def template(template_id: str, name: str, owner: str, edit: bytes) -> bytes:
    """A template as JSON, with the bytes of its edit."""
    response = {"id": template_id, "name": name, "owner": owner, "template": msgspec.Raw(edit)}
    return msgspec.json.encode(succeeded("OK", response))


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
    return msgspec.json.encode(succeeded("OK", response))


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
