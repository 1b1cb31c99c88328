"""Edits and renders in the words of this dialect, and back."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec

from app.compat.common.dialect import Answer
from app.compat.common.faults import Fault
from app.domain.common import strict_json
from app.domain.common.clock import iso
from app.domain.common.errors import FieldError, Invalid, Malformed
from app.domain.common.json_text import plain, written
from app.domain.common.strict_json import kind_of

STATUSES = ("queued", "fetching", "rendering", "saving", "done", "failed")
QUEUED = "render.queued"
REQUIRED = ("timeline", "output")

# What the original's answer may have besides, and the types that its clients insist on.
OPTIONAL: dict[str, tuple[type, ...]] = {
    "plan": (str,),
    "duration": (int, float),
    "renderTime": (int, float),
    "poster": (str,),
    "thumbnail": (str,),
}


@dataclass(frozen=True, slots=True)
class Edit:
    """What a POST asks for. callback: before merging."""

    callback: str | None
    merge: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a render. at: milliseconds since the epoch. payload: None once it expired."""

    type: str
    at: int
    payload: bytes | None


def edit_of(body: bytes) -> Edit:
    """The edit in a request's body. Malformed: no JSON object. Invalid: all that is wrong; what
    only a renderer understands is passed over."""
    document = strict_json.read(body)
    if not isinstance(document, dict):
        raise Malformed(f"The body is {kind_of(document)}. Send an edit, as a JSON object.")
    errors = [
        FieldError(name, "required", f'"{name}" is required.', "Give an object.")
        for name in REQUIRED
        if not isinstance(document.get(name), dict)
    ]
    callback = document.get("callback")
    if callback is not None and not isinstance(callback, str):
        problem = f'"callback" is {kind_of(callback)}.'
        errors.append(FieldError("callback", "type", problem, "Give a URL, as text."))
    edit = Edit(callback or None, tuple(_merge(document.get("merge"), errors)))
    if errors:
        raise Invalid(errors)
    return edit


def _merge(given: object, errors: list[FieldError]) -> Iterable[tuple[str, str]]:
    remedy = 'Give a list such as [{"find": "NAME", "replace": "value"}].'
    if given is None:
        return
    if not isinstance(given, list):
        errors.append(FieldError("merge", "type", f'"merge" is {kind_of(given)}.', remedy))
        return
    for place, entry in enumerate(given):
        name = entry.get("find") if isinstance(entry, dict) else None
        if isinstance(name, str) and "replace" in entry:
            yield name, _as_text(entry["replace"])
        else:
            problem = f'"merge[{place}]" has no find and replace.'
            errors.append(FieldError(f"merge[{place}]", "type", problem, remedy))


def _as_text(value: object) -> str:
    """A template may be filled with any JSON value; a URL takes it as a query would."""
    return value if isinstance(value, str) else plain(msgspec.json.encode(value))


def created(render_id: str) -> dict[str, Any]:
    response = {"message": "Render Successfully Queued", "id": render_id}
    return {"success": True, "message": "Created", "response": response}


def shown(
    render_id: str, owner: str, newest: Iterable[Happened], first: Happened, *, with_data: bool
) -> bytes | None:
    """The state of a render as JSON, its edit as it came. None: no event tells a state.

    newest: its latest events, newest first. first: its oldest, which holds the edit.
    """
    for happened in (*newest, first):
        details = _details(happened)
        status = _status(happened.type, details)
        if status is not None:
            break
    else:
        return None
    response: dict[str, Any] = {
        "id": render_id,
        "owner": _text(details, "owner") or owner,
        "status": status,
        # Empty where there is none: the original's clients refuse null in both.
        "url": _text(details, "url"),
        "error": _text(details, "error"),
    }
    response |= {n: details[n] for n, kinds in OPTIONAL.items() if _is_one(details.get(n), kinds)}
    if with_data and first.type == QUEUED and first.payload is not None:
        response["data"] = msgspec.Raw(first.payload)
    response |= {"created": iso(first.at), "updated": iso(happened.at)}
    return msgspec.json.encode({"success": True, "message": "OK", "response": response})


def _details(happened: Happened) -> dict[str, Any]:
    """What an event says of the render; the payload of the first is only the edit."""
    if happened.type == QUEUED or happened.payload is None:
        return {}
    found: dict[str, Any] = strict_json.read(happened.payload)
    return found


def _status(type_: str, details: dict[str, Any]) -> str | None:
    family, _, name = type_.partition(".")
    told = name if family == "render" else details.get("status")
    return told if told in STATUSES else None


def _text(details: dict[str, Any], name: str) -> str:
    found = details.get(name)
    return found if isinstance(found, str) else ""


def _is_one(value: object, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool) and value != float("inf")


def fault(found: Fault) -> Answer:
    """`{"success": false, "message", "response"}`; what is wrong with a body is 400."""
    status = 400 if found.status == 422 else found.status
    response: dict[str, Any] = {"message": found.message}
    if found.errors:
        details = [
            {"message": f"{e.problem} {e.remedy}", "path": e.field.split("."), "type": e.code}
            for e in found.errors
        ]
        response["error"] = {"name": "ValidationError", "details": details}
    phrase = HTTPStatus(status).phrase
    return Answer(status, written({"success": False, "message": phrase, "response": response}))
