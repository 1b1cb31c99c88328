"""Rules for the fields of an event that a producer posts."""

import re
from typing import Any

from app.domain.addresses.urls import MAX_URL, check_url
from app.domain.common import names
from app.domain.common.clock import parse_iso
from app.domain.common.errors import FieldError, Invalid
from app.domain.common.strict_json import kind_of
from app.domain.event_types.names import check_name
from app.domain.events.merge_fields import merge_callback
from app.domain.events.search_values import search_values
from app.domain.webhooks.presets import PRESETS

FIELDS = frozenset(
    {
        "type",
        "payload",
        "source",
        "occurred_at",
        "id",
        "callback",
        "callback_preset",
        "merge",
        "ordering_key",
    }
)
MAX_MERGE = 100
MAX_FIND = 100
EARLIEST, LATEST = "1970-01-01", "2200-01-01"

_EARLIEST, _LATEST = parse_iso(EARLIEST), parse_iso(LATEST)
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_TIME_REMEDY = (
    f"Use ISO 8601 from {EARLIEST} to {LATEST}, such as 2026-02-24T11:52:20.810Z (UTC without an"
    " offset), or omit the field for the time of acceptance."
)
_FIND = re.compile(rf"[^{{}}]{{1,{MAX_FIND}}}")
_MERGE_REMEDY = 'Use a list such as [{"find": "NAME", "replace": "value"}].'
_NOTHING: tuple[tuple[str, str], ...] = ()


class EventFields:
    """Reads the fields of one event and collects their errors in `errors`.

    A null field counts as absent. After an error a method's result is meaningless.
    """

    __slots__ = ("document", "errors", "prefix")

    def __init__(self, document: dict[str, Any], prefix: str) -> None:
        self.document = document
        self.prefix = prefix
        self.errors: list[FieldError] = []

    def refuse(self, name: str, code: str, problem: str, remedy: str) -> None:
        self.errors.append(FieldError(self.prefix + name, code, problem, remedy))

    def refuse_unknown(self) -> None:
        remedy = f"Known fields: {', '.join(sorted(FIELDS))}. Put other data in the payload."
        for name in list(self.document.keys() - FIELDS)[:10]:
            self.refuse(name[:60], "unknown", "Unknown field.", remedy)

    def type(self) -> str:
        value = self.document.get("type")
        if value is None:
            remedy = "Name what happened, for example encoding.finished."
            self.refuse("type", "required", "Missing.", remedy)
            return ""
        try:
            return check_name(value, self.prefix + "type")
        except Invalid as error:
            self.errors += error.errors
            return ""

    def has_payload(self) -> bool:
        value = self.document.get("payload")
        if isinstance(value, dict):
            return True
        code = "required" if "payload" not in self.document else "type"
        problem = "Missing." if code == "required" else f"Expected an object, got {kind_of(value)}."
        self.refuse("payload", code, problem, "Use a JSON object; it may be empty.")
        return False

    def values(self) -> tuple[str, ...]:
        """Of the payload, to search by."""
        payload = self.document.get("payload")
        return search_values(payload) if isinstance(payload, dict) else ()

    def source(self) -> str | None:
        return self._text("source", names.MAX_SOURCE)

    def ordering_key(self) -> str | None:
        return self._text("ordering_key", names.MAX_ORDERING_KEY)

    def occurred_at(self) -> int | None:
        """Return milliseconds since the epoch."""
        value = self.document.get("occurred_at")
        if value is None:
            return None
        if not isinstance(value, str):
            self._not_a_string("occurred_at", value, _TIME_REMEDY)
            return None
        try:
            at = parse_iso(value.upper().replace(",", ".")) if _TIME.fullmatch(value) else None
        except (ValueError, OverflowError):
            at = None
        if at is None:
            self.refuse("occurred_at", "time", "Not a time.", _TIME_REMEDY)
        elif not _EARLIEST <= at < _LATEST:
            self.refuse("occurred_at", "range", "Out of range.", _TIME_REMEDY)
        return at

    def producer_id(self, header: str | None) -> str | None:
        """Return the field `id` or the header Idempotency-Key, which mean the same."""
        value = self.document.get("id")
        remedy = names.PRODUCER_ID_REMEDY
        if header is not None and not names.is_producer_id(header):
            error = FieldError("Idempotency-Key", "id", "Invalid idempotency key.", remedy)
            self.errors.append(error)
        if value is None:
            return header
        if not isinstance(value, str):
            self._not_a_string("id", value, remedy)
            return None
        if not names.is_producer_id(value):
            self.refuse("id", "id", "Invalid idempotency key.", remedy)
        elif header not in (None, value):
            problem = "It differs from the Idempotency-Key header, which means the same."
            self.refuse("id", "conflict", problem, "Send one of them, or the same value twice.")
        return value

    def callback(self, merge: tuple[tuple[str, str], ...]) -> str | None:
        """Return the URL with its merge fields, after checking the result of replacing them."""
        value = self._text("callback", MAX_URL)
        if value is None or self.errors:
            return value
        try:
            field = self.prefix + "callback"
            check_url(merge_callback(value, merge, field), field)
        except Invalid as error:
            self.errors += error.errors
        return value

    def callback_preset(self) -> str | None:
        value = self.document.get("callback_preset")
        if value is not None and (not isinstance(value, str) or value not in PRESETS):
            remedy = f"Use one of {', '.join(PRESETS)}."
            self.refuse("callback_preset", "choice", "Unknown preset.", remedy)
        return value

    def merge(self) -> tuple[tuple[str, str], ...]:
        value = self.document.get("merge")
        if value is None:
            return _NOTHING
        if not isinstance(value, list):
            self.refuse("merge", "type", f"Expected a list, got {kind_of(value)}.", _MERGE_REMEDY)
            return _NOTHING
        if len(value) > MAX_MERGE:
            remedy = f"Use at most {MAX_MERGE} entries."
            self.refuse("merge", "range", f"The list has {len(value)} entries.", remedy)
            return _NOTHING
        return tuple(self._merge_entry(index, entry) for index, entry in enumerate(value))

    def _merge_entry(self, index: int, entry: object) -> tuple[str, str]:
        name = f"merge[{index}]"
        if not isinstance(entry, dict) or entry.keys() != {"find", "replace"}:
            problem = "Expected an object with find and replace."
            self.refuse(name, "type", problem, _MERGE_REMEDY)
            return ("", "")
        find, replace = entry["find"], entry["replace"]
        if not isinstance(find, str) or _FIND.fullmatch(find) is None:
            remedy = f"Use a name of 1 to {MAX_FIND} characters without braces."
            self.refuse(f"{name}.find", "name", "Not a valid merge field name.", remedy)
        if not isinstance(replace, str) or len(replace) > MAX_URL:
            remedy = f"Use at most {MAX_URL} characters."
            self.refuse(f"{name}.replace", "type", "Not a string of at most that length.", remedy)
        return (find, replace)

    def _text(self, name: str, longest: int) -> str | None:
        value = self.document.get(name)
        if value is None:
            return None
        remedy = f"Use 1 to {longest} characters, or omit the field."
        if not isinstance(value, str):
            self._not_a_string(name, value, remedy)
            return None
        fault = names.text_fault(value)
        if fault is not None:
            self.refuse(name, "characters", fault, remedy)
        elif not 1 <= len(value) <= longest:
            self.refuse(name, "length", f"It has {len(value)} characters.", remedy)
        return value

    def _not_a_string(self, name: str, value: object, remedy: str) -> None:
        self.refuse(name, "type", f"Expected a string, got {kind_of(value)}.", remedy)
