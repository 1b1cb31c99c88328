"""Body format form_callback: four keys in this order, each value percent-encoded."""

from app.domain.bodies.spec import Body, BodySpec, CannotRender
from app.domain.common.form_encoding import FORM, form
from app.domain.common.json_text import Fields, fields_of, items_of, plain
from app.domain.events.event import EventFacts

REQUIRED = ("callback_value", "callback_format")


def missing_field(fields: Fields) -> str | None:
    """Return the first required field that the payload lacks; null counts as missing."""
    for name in REQUIRED:
        if bytes(fields.get(name, b"null")) == b"null":
            return name
    return None


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
