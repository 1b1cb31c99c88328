"""Body format form_callback: four keys in this order, each value percent-encoded."""

from app.domain.bodies.spec import Body, BodySpec, CannotRender
from app.domain.common.form_encoding import FORM, form
from app.domain.common.json_text import Fields, fields_of, items_of, plain
from app.domain.events.event import EventFacts

REQUIRED = ("callback_value", "callback_format")
ALL = ("callback_id", *REQUIRED)
FORMATS = ("image", "video")

# The sentence about an empty value.
_EMPTY = "The payload's callback_value is empty."


def missing_field(fields: Fields) -> str | None:
    """Return the first field that a body cannot do without and the payload lacks; null counts as
    missing."""
    return next((name for name in REQUIRED if _lacks(fields, name)), None)


def fault(fields: Fields) -> str | None:
    """Return, as a sentence, why the payload cannot be a callback of the original system, or None:
    it has all three fields, the value is not empty, and the format is `image` or `video`."""
    for name in (*REQUIRED, "callback_id"):
        if _lacks(fields, name):
            return f"The payload has no {name}, which the form callback requires."
    actual = plain(bytes(fields["callback_format"]))
    if actual not in FORMATS:
        return f"The payload's callback_format is {actual[:40]!r}, neither image nor video."
    return _EMPTY if _is_empty(bytes(fields["callback_value"])) else None


def _lacks(fields: Fields, name: str) -> bool:
    return bytes(fields.get(name, b"null")) == b"null"


def _is_empty(raw: bytes) -> bool:
    """Also a list without a URL, such as `[]` or `[""]`."""
    values = items_of(raw) if raw[:1] == b"[" else [raw]
    return not any(plain(value).strip() for value in values)


def form_callback(spec: BodySpec, event: EventFacts) -> Body:
    """Raises CannotRender if the value or the format is missing, or the value is not a string or
    a list of strings."""
    fields = fields_of(event.payload)
    missing = missing_field(fields)
    if missing:
        raise CannotRender("unrenderable", f"The payload has no {missing}.")
    pairs = (
        ("callback_id", plain(bytes(fields.get("callback_id", b"null")))),
        ("callback_value", _value(bytes(fields["callback_value"]))),
        ("callback_format", plain(bytes(fields["callback_format"]))),
        ("api_key", spec.api_key or ""),
    )
    return Body(FORM, form(pairs))


def _value(raw: bytes) -> str:
    """Join several URLs with commas. A comma inside one of them becomes %2C, so that receivers can
    split the value again."""
    if raw[:1] != b"[":
        return _url(raw)
    return ",".join(_url(item).replace(",", "%2C") for item in items_of(raw))


def _url(raw: bytes) -> str:
    if raw[:1] in b"[{n":
        detail = "callback_value is neither a string nor a list of strings."
        raise CannotRender("unrenderable", detail)
    return plain(raw)
