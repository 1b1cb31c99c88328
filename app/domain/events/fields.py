"""The fields of an event as a producer posts it, each with its rule."""

import re
from typing import Any

from app.domain.addresses.urls import MAX_URL, check_url
from app.domain.common import names
from app.domain.common.clock import parse_iso
from app.domain.common.errors import FieldError, Invalid
from app.domain.common.strict_json import kind_of
from app.domain.event_types.names import check_name
from app.domain.events.merge_fields import merge_callback
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
    f"Give ISO 8601 from {EARLIEST} to {LATEST}, such as 2026-02-24T11:52:20.810Z; no offset is"
    " UTC. Or leave it out: then it is the moment of acceptance."
)
_FIND = re.compile(rf"[^{{}}]{{1,{MAX_FIND}}}")
_MERGE_REMEDY = 'Give a list such as [{"find": "NAME", "replace": "value"}].'
_NOTHING: tuple[tuple[str, str], ...] = ()


class EventFields:
    """Reads the fields of one event one by one and gathers what is wrong in `errors`.

    A field that is null is absent. What a reader answers after a fault means nothing.
    """

    __slots__ = ("document", "errors", "prefix")

    def __init__(self, document: dict[str, Any], prefix: str) -> None:
        self.document = document
        self.prefix = prefix
        self.errors: list[FieldError] = []

    def refuse(self, name: str, code: str, problem: str, remedy: str) -> None:
        self.errors.append(FieldError(self.prefix + name, code, problem, remedy))

    def refuse_unknown(self) -> None:
        remedy = f"An event has the fields {', '.join(sorted(FIELDS))}; all else is its payload."
        for name in list(self.document.keys() - FIELDS)[:10]:
            self.refuse(name[:60], "unknown", "There is no such field.", remedy)

    def type(self) -> str:
        value = self.document.get("type")
        if value is None:
            remedy = "Say what happened, in a name such as encoding.finished."
            self.refuse("type", "required", "It is missing.", remedy)
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
        problem = "It is missing." if code == "required" else f"It is {kind_of(value)}."
        self.refuse("payload", code, problem, "Give a JSON object; {} if there is nothing to say.")
        return False

    def source(self) -> str | None:
        return self._text("source", names.MAX_SOURCE)

    def ordering_key(self) -> str | None:
        return self._text("ordering_key", names.MAX_ORDERING_KEY)

    def occurred_at(self) -> int | None:
        """Milliseconds since the epoch."""
        value = self.document.get("occurred_at")
        if value is None:
            return None
        if not isinstance(value, str):
            self._not_text("occurred_at", value, _TIME_REMEDY)
            return None
        try:
            at = parse_iso(value.upper().replace(",", ".")) if _TIME.fullmatch(value) else None
        except (ValueError, OverflowError):
            at = None
        if at is None:
            self.refuse("occurred_at", "time", "It is not a time.", _TIME_REMEDY)
        elif not _EARLIEST <= at < _LATEST:
            self.refuse("occurred_at", "range", "It is out of range.", _TIME_REMEDY)
        return at

    def producer_id(self, header: str | None) -> str | None:
        """The field `id` or the header Idempotency-Key, which are the same thing."""
        value = self.document.get("id")
        remedy = names.PRODUCER_ID_REMEDY
        if header is not None and not names.is_producer_id(header):
            error = FieldError("Idempotency-Key", "id", "The header is no such key.", remedy)
            self.errors.append(error)
        if value is None:
            return header
        if not isinstance(value, str):
            self._not_text("id", value, remedy)
            return None
        if not names.is_producer_id(value):
            self.refuse("id", "id", "It is no such key.", remedy)
        elif header not in (None, value):
            problem = "It differs from the header Idempotency-Key, which means the same."
            self.refuse("id", "conflict", problem, "Send only one of them, or the same twice.")
        return value

    def callback(self, merge: tuple[tuple[str, str], ...]) -> str | None:
        """The URL before merging; what comes of merging is checked, as far as text can be."""
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
            remedy = f"Give one of {', '.join(PRESETS)}."
            self.refuse("callback_preset", "choice", "There is no such preset.", remedy)
        return value

    def merge(self) -> tuple[tuple[str, str], ...]:
        value = self.document.get("merge")
        if value is None:
            return _NOTHING
        if not isinstance(value, list):
            self.refuse("merge", "type", f"It is {kind_of(value)}, not a list.", _MERGE_REMEDY)
            return _NOTHING
        if len(value) > MAX_MERGE:
            remedy = f"Give at most {MAX_MERGE}."
            self.refuse("merge", "range", f"There are {len(value)} entries.", remedy)
            return _NOTHING
        return tuple(self._merge_entry(index, entry) for index, entry in enumerate(value))

    def _merge_entry(self, index: int, entry: object) -> tuple[str, str]:
        name = f"merge[{index}]"
        if not isinstance(entry, dict) or entry.keys() != {"find", "replace"}:
            problem = "It is not an object with find and replace."
            self.refuse(name, "type", problem, _MERGE_REMEDY)
            return ("", "")
        find, replace = entry["find"], entry["replace"]
        if not isinstance(find, str) or _FIND.fullmatch(find) is None:
            remedy = f"Give a name of 1 to {MAX_FIND} characters without braces."
            self.refuse(f"{name}.find", "name", "It is no name of a merge field.", remedy)
        if not isinstance(replace, str) or len(replace) > MAX_URL:
            remedy = f"Give a text of at most {MAX_URL} characters."
            self.refuse(f"{name}.replace", "type", "It is no such text.", remedy)
        return (find, replace)

    def _text(self, name: str, longest: int) -> str | None:
        value = self.document.get(name)
        if value is None:
            return None
        remedy = f"Give a text of 1 to {longest} characters, or leave it out."
        if not isinstance(value, str):
            self._not_text(name, value, remedy)
            return None
        fault = names.text_fault(value)
        if fault is not None:
            self.refuse(name, "characters", fault, remedy)
        elif not 1 <= len(value) <= longest:
            self.refuse(name, "length", f"It has {len(value)} characters.", remedy)
        return value

    def _not_text(self, name: str, value: object, remedy: str) -> None:
        self.refuse(name, "type", f"It is {kind_of(value)}, not text.", remedy)
