"""The lines of an import: NDJSON, each line an event type or a webhook with the API's fields:
`{"event_type": {"name": "asset.ready", "schema": {…}}}`, `{"webhook": {"url": "https://…"}}`.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.domain.common.errors import Malformed, TooLarge, invalid
from app.domain.common.ids import text_of
from app.domain.common.json_text import Fields, fields_of, quoted
from app.domain.common.strict_json import kind_of, parse_object, read
from app.domain.common.uids import check_uid
from app.domain.event_types.fields import EventTypeFields, parse_fields

MAX_BYTES, MAX_LINES, MAX_LINE_BYTES = 8 << 20, 10_000, 1 << 20
WEBHOOK, EVENT_TYPE = "webhook", "event_type"
# What the API's documents have besides settings: it is not imported.
_WEBHOOK_FACTS = frozenset(
    {
        "id",
        "state",
        "retry_waits_seconds",
        "disabled_reason",
        "disabled_at",
        "created_at",
        "updated_at",
        "public_key",
        "client_certificate_expires_at",
        "ca_certificates_expire_at",
    }
)
_TYPE_FACTS = frozenset({"created_at", "webhooks", "webhook_count", "has_sample", "has_schema"})
_REMEDY = 'Use one JSON object per line, such as {"webhook": {"url": "https://example.com/hook"}}.'


@dataclass(frozen=True, slots=True)
class WebhookLine:
    """name: for people, without secrets. fields: as `services.webhooks.service.create` takes them.
    missing: names of secrets that the original has and the line does not."""

    name: str
    fields: dict[str, Any]
    uid: str | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventTypeLine:
    """name: not checked."""

    name: object
    fields: EventTypeFields


def split(content: bytes, field: str = "file") -> list[bytes]:
    """The lines that are not empty. Invalid on `field`: no lines, or the first one is not of an
    import. TooLarge."""
    if len(content) > MAX_BYTES:
        raise TooLarge(f"The file has more than {MAX_BYTES >> 20} MiB. Import it in parts.")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise invalid(field, "format", "The file is not UTF-8 text.", _REMEDY) from error
    lines = [line.strip() for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    lines = [line for line in lines if line]
    if not lines:
        raise invalid(field, "required", "The file is empty.", _REMEDY)
    if len(lines) > MAX_LINES:
        raise TooLarge(f"The file has more than {MAX_LINES:,} lines. Import it in parts.")
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_LINE_BYTES:
            problem = f"Line {number} has more than {MAX_LINE_BYTES >> 20} MiB."
            raise invalid(field, "length", problem, "Make its sample or schema smaller.")
    try:
        _member(lines[0])
    except Malformed as error:
        raise invalid(field, "format", f"Line 1: {error.detail}", _REMEDY) from error
    return lines


def parse(line: bytes) -> WebhookLine | EventTypeLine:
    """Malformed, Invalid: what is wrong with it, in sentences."""
    noun, raw = _member(line)
    return _webhook(raw) if noun == WEBHOOK else _event_type(raw)


def position_of(number: int) -> str:
    """A line's number, from 0, as the position of a job, which is an id."""
    return text_of(number.to_bytes(16))


def number_of(position: str | None) -> int:
    """The inverse of `position_of`; None: 0."""
    return 0 if position is None else int(position.replace("-", ""), 16)


def _member(line: bytes) -> tuple[str, bytes]:
    document = read(line)
    if not isinstance(document, dict):
        raise Malformed(f"It is {kind_of(document)}. {_REMEDY}")
    members = fields_of(line)
    if len(members) != 1 or not members.keys() <= {WEBHOOK, EVENT_TYPE}:
        raise Malformed(f"It has no field webhook or event_type, or other fields. {_REMEDY}")
    [(noun, raw)] = members.items()
    if not isinstance(document[noun], dict):
        raise Malformed(f"{noun} is {kind_of(document[noun])}. {_REMEDY}")
    return noun, bytes(raw)


def _webhook(raw: bytes) -> WebhookLine:
    document = parse_object(raw)
    fields = {
        name: value
        for name, value in document.items()
        if name != "uid" and name not in _WEBHOOK_FACTS and not name.startswith("has_")
    }
    had = [name.removeprefix("has_") for name, value in document.items() if value is True]
    missing = [name for name in had if f"has_{name}" in document and fields.get(name) is None]
    name = _name(fields.get("name"), fields.get("url"))
    return WebhookLine(name, fields, check_uid(document.get("uid")), tuple(missing))


def _name(name: object, url: object) -> str:
    """A webhook without a name is called by its host: the rest of its URL may have secrets."""
    if isinstance(name, str) and name:
        return name
    try:
        return (urlsplit(url).hostname or "") if isinstance(url, str) else ""
    except ValueError:
        return ""


def _event_type(raw: bytes) -> EventTypeLine:
    members: Fields = fields_of(raw)
    name = read(bytes(members.pop("name"))) if "name" in members else None
    rest = [
        quoted(key) + b":" + bytes(value)
        for key, value in members.items()
        if key not in _TYPE_FACTS
    ]
    return EventTypeLine(name, parse_fields(b"{" + b",".join(rest) + b"}"))
