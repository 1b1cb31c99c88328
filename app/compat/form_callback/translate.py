"""The form callback's words for ours, both ways."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.domain.common.clock import iso
from app.domain.common.errors import FieldError, Malformed, invalid
from app.models import Webhook

Document = dict[str, Any]

FIELDS = ("url", "api_key", "method", "is_active")

# As Rails casts a boolean that came as text.
_OFF = frozenset({"0", "f", "false", "off", "n", "no"})
_ON = frozenset({"1", "t", "true", "on", "y", "yes"})


def attributes(body: Mapping[str, Any]) -> Document:
    """What is given of a webhook: under `webhook`, as `webhook[url]` in a form, or at the top.
    Malformed when nothing is."""
    nested = body.get("webhook")
    if isinstance(nested, Mapping):
        found, is_named = dict(nested), bool(nested)
    else:
        found = {name: body[f"webhook[{name}]"] for name in FIELDS if f"webhook[{name}]" in body}
        found = found or {name: body[name] for name in FIELDS if name in body}
        is_named = bool(found)
    if not is_named:
        raise Malformed("param is missing or the value is empty: webhook")
    return {name: found[name] for name in FIELDS if name in found}


def to_ours(given: Mapping[str, Any]) -> Document:
    """Of a webhook's attributes, the fields that the services take. Invalid."""
    fields: Document = {}
    for name in ("url", "api_key", "method"):
        if name in given:
            fields[name] = _text(given[name])
    if fields.get("method") == "":
        fields["method"] = None
    if given.get("is_active") is not None and given["is_active"] != "":
        fields["is_active"] = _flag(given["is_active"])
    return fields


def to_new(given: Mapping[str, Any]) -> Document:
    """As `to_ours`, for a webhook that is to be made."""
    return {**to_ours(given), "preset": "form_callback"}


def shown(row: Webhook, api_key: str | None) -> Document:
    return {
        "id": row.id,
        "url": row.url,
        "api_key": api_key,
        "method": row.method,
        "is_active": row.is_active,
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
    }


def messages(errors: Iterable[FieldError]) -> dict[str, list[str]]:
    """`{field: [messages]}`; what belongs to no field stands under `base`."""
    found: dict[str, list[str]] = {}
    for error in errors:
        name = error.field.partition(".")[0].partition("[")[0] or "base"
        said = "can't be blank" if error.code == "required" else f"{error.problem} {error.remedy}"
        found.setdefault(name, []).append(said)
    return found


def _text(value: Any) -> Any:
    """A number does for a text, as it did in a text column."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


def _flag(value: Any) -> bool:
    word = str(value).lower() if isinstance(value, str | int) else ""
    if word in _ON:
        return True
    if word in _OFF:
        return False
    raise invalid("is_active", "type", "It is neither true nor false.", "Give true or false.")
