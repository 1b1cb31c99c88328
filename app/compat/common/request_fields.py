"""A request's body as fields, whether it came as JSON or as a form."""

import io
from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.formparser import MultiPartParser

from app.compat.common.faults import wrong_content_type
from app.domain.common.errors import Malformed
from app.domain.common.strict_json import parse_object
from app.http.reading import read_body
from app.runtime.context import runtime

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

MAX_FIELDS = 1000


def body_of(request: Request) -> bytes:
    """The body's bytes. TooLarge beyond MAX_EVENT_BYTES, Malformed when it broke off, Fault 415
    for one that is packed."""
    body = read_body(request, runtime().settings.max_event_bytes)
    packed = request.headers.get("Content-Encoding", "identity")
    if packed.lower() != "identity":
        raise wrong_content_type(packed, "it unpacked")
    return body


def fields_of(request: Request, many: Collection[str] = ()) -> dict[str, Any]:
    """The fields of the body; an empty body has none. A form's values are text; files are passed
    over. Where a name stands several times the last one counts, as a check box comes after the
    hidden field that says no; of the names in `many` all do, as a list.

    TooLarge, Malformed, Fault 415.
    """
    body = body_of(request)
    if not body.strip():
        return {}
    given = request.mimetype
    if given == JSON or given.endswith("+json"):
        return parse_object(body)
    if given == FORM:
        return _gathered(_form(body), many)
    if given == MULTIPART:
        return _gathered(_multipart(request, body), many)
    raise wrong_content_type(request.headers.get("Content-Type", ""), f"{JSON} or {FORM}")


def _form(body: bytes) -> list[tuple[str, str]]:
    try:
        text = body.decode()
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Malformed("The form is not UTF-8, or has too many fields.") from error


def _multipart(request: Request, body: bytes) -> list[tuple[str, str]]:
    boundary = request.mimetype_params.get("boundary", "").encode("ascii", "ignore")
    if not boundary:
        raise Malformed("The Content-Type names no boundary.")
    try:
        parser = MultiPartParser(lambda *_, **__: io.BytesIO(), max_form_parts=MAX_FIELDS)
        form, _ = parser.parse(io.BytesIO(body), boundary, len(body))
    except Exception as error:
        # Werkzeug raises ValueError, or HTTP errors of its own, for a form that is none.
        raise Malformed("The multipart form cannot be read.") from error
    return list(form.items(multi=True))


def _gathered(pairs: list[tuple[str, str]], many: Collection[str]) -> dict[str, Any]:
    fields: dict[str, Any] = dict(pairs)
    for name in fields.keys() & set(many):
        fields[name] = [value for each, value in pairs if each == name]
    return fields
