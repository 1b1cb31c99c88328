"""Map webhooks between the form callback dialect and the native API."""

from collections.abc import Mapping
from typing import Any

from app.compat.common.views import Document, WebhookView
from app.domain.common.clock import iso
from app.domain.common.errors import Malformed, invalid

FIELDS = ("url", "api_key", "method", "is_active")

# The texts that Rails casts to a boolean.
_FALSE = frozenset({"0", "f", "false", "off", "n", "no"})
_TRUE = frozenset({"1", "t", "true", "on", "y", "yes"})


def to_create(fields: Document) -> Document:
    return {**to_native(attributes(fields)), "preset": "form_callback"}


def to_update(fields: Document, _: WebhookView) -> Document:
    return to_native(attributes(fields))


def attributes(fields: Document) -> Document:
    """The webhook's attributes: under `webhook`, as `webhook[url]` in a form, or at the top level.
    Malformed when there is none."""
    nested = fields.get("webhook")
    if isinstance(nested, Mapping):
        values, has_any = dict(nested), bool(nested)
    else:
        values = {n: fields[f"webhook[{n}]"] for n in FIELDS if f"webhook[{n}]" in fields}
        values = values or {name: fields[name] for name in FIELDS if name in fields}
        has_any = bool(values)
    if not has_any:
        raise Malformed("param is missing or the value is empty: webhook")
    return {name: values[name] for name in FIELDS if name in values}


def to_native(values: Document) -> Document:
    """Invalid."""
    native: Document = {}
    for name in ("url", "api_key", "method"):
        if name in values:
            native[name] = _text(values[name])
    if native.get("method") == "":
        native["method"] = None
    if values.get("is_active") is not None and values["is_active"] != "":
        native["is_active"] = _boolean(values["is_active"])
    return native


def render(webhook: WebhookView) -> Document:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "api_key": webhook.secret,
        "method": webhook.method,
        "is_active": webhook.is_active,
        "created_at": iso(webhook.created_at),
        "updated_at": iso(webhook.updated_at),
    }


def _text(value: Any) -> Any:
    """A number is accepted as text, as in a text column of the original."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


def _boolean(value: Any) -> bool:
    word = str(value).lower() if isinstance(value, str | int) else ""
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise invalid("is_active", "type", "Neither true nor false.", "Send true or false.")
