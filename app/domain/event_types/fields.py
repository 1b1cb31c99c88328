"""Rules for an event type's description, sample payload and JSON Schema."""

from dataclasses import dataclass
from typing import Any

from app.domain.common.errors import FieldError, Invalid, Malformed
from app.domain.common.json_text import fields_of
from app.domain.common.names import text_fault
from app.domain.common.strict_json import check_payload, kind_of, parse_object, read

FIELDS = ("description", "sample", "schema", "schema_check")
# What happens to a posted event whose payload does not match the schema.
OFF, WARN, REJECT = "off", "warn", "reject"
SCHEMA_CHECKS = (OFF, WARN, REJECT)
# Event types of an organization whose events are checked: each process keeps their names.
MAX_CHECKED = 1_000
MAX_DESCRIPTION = 2_000
MAX_SAMPLE = 256 << 10
MAX_SCHEMA = 256 << 10


@dataclass(frozen=True, slots=True)
class EventTypeFields:
    """sample: the original bytes of a JSON object. schema: a JSON Schema of which only the size has
    been checked; services.event_types checks the rest. schema_check: one of SCHEMA_CHECKS."""

    description: str = ""
    sample: bytes | None = None
    schema: dict[str, Any] | None = None
    schema_check: str = OFF


def parse_fields(body: bytes) -> EventTypeFields:
    """Parse a JSON body; absent fields are empty. Raises Malformed or Invalid with every error."""
    # Like a payload, a sample may contain numbers of any size.
    document = read(body)
    if not isinstance(document, dict):
        raise Malformed(f"The body is {kind_of(document)}. Send a JSON object.")
    raw = fields_of(body)
    errors = [
        FieldError(name[:60], "unknown", "Unknown field.", f"Known fields: {_KNOWN}.")
        for name in document
        if name not in FIELDS
    ]
    sample = bytes(raw["sample"]) if document.get("sample") is not None else None
    schema = bytes(raw["schema"]) if document.get("schema") is not None else None
    return _checked(
        document.get("description"), sample, schema, document.get("schema_check"), errors
    )


def check_fields(
    description: str, sample: str, schema: str, schema_check: str = OFF
) -> EventTypeFields:
    """Parse the texts of a form; an empty one means absent. Raises Invalid."""
    text = description.replace("\r\n", "\n")
    return _checked(text, _bytes(sample), _bytes(schema), schema_check, [])


_KNOWN = ", ".join(FIELDS)


def _bytes(text: str) -> bytes | None:
    return text.strip().encode("utf-8", "surrogatepass") or None


def _checked(
    description: object,
    sample: bytes | None,
    schema: bytes | None,
    schema_check: object,
    errors: list[FieldError],
) -> EventTypeFields:
    fields = EventTypeFields(
        _description(description, errors),
        _sample(sample, errors),
        _schema(schema, errors),
        _schema_check(schema_check, schema is not None, errors),
    )
    if errors:
        raise Invalid(errors)
    return fields


def _description(value: object, errors: list[FieldError]) -> str:
    if value is None:
        return ""
    remedy = f"Use at most {MAX_DESCRIPTION} characters."
    if not isinstance(value, str):
        problem = f"Expected a string, got {kind_of(value)}."
        errors.append(FieldError("description", "type", problem, remedy))
        return ""
    text = value.strip()
    if len(text) > MAX_DESCRIPTION:
        problem = f"It has {len(text)} characters."
        errors.append(FieldError("description", "length", problem, remedy))
    fault = text_fault(text, lines=True)
    if fault is not None:
        errors.append(FieldError("description", "characters", fault, remedy))
    return text


def _sample(raw: bytes | None, errors: list[FieldError]) -> bytes | None:
    if raw is None:
        return None
    remedy = "Use a JSON object like an event's payload."
    if len(raw) > MAX_SAMPLE:
        errors.append(FieldError("sample", "length", _size(raw), f"{remedy} {_limit(MAX_SAMPLE)}"))
        return None
    try:
        check_payload(raw)
    except Malformed as error:
        problem = error.detail.replace("The body", "It").replace("The payload", "It")
        errors.append(FieldError("sample", "json", problem, remedy))
        return None
    return raw


def _schema(raw: bytes | None, errors: list[FieldError]) -> dict[str, Any] | None:
    if raw is None:
        return None
    remedy = "Use a JSON Schema object."
    if len(raw) > MAX_SCHEMA:
        errors.append(FieldError("schema", "length", _size(raw), f"{remedy} {_limit(MAX_SCHEMA)}"))
        return None
    try:
        return parse_object(raw)
    except Malformed as error:
        problem = error.detail.replace("The body", "It")
        errors.append(FieldError("schema", "json", problem, remedy))
        return None


def _schema_check(value: object, has_schema: bool, errors: list[FieldError]) -> str:
    if value is None:
        return OFF
    name, remedy = "schema_check", f"Use one of: {', '.join(SCHEMA_CHECKS)}."
    if value not in SCHEMA_CHECKS:
        problem = "Unknown value." if isinstance(value, str) else f"It is {kind_of(value)}."
        errors.append(FieldError(name, "choice", problem, remedy))
        return OFF
    if value != OFF and not has_schema:
        remedy = "Add a schema, or use off."
        errors.append(FieldError(name, "schema", "There is no schema to check against.", remedy))
    return str(value)


def _size(raw: bytes) -> str:
    return f"It has {len(raw)} bytes."


def _limit(limit: int) -> str:
    return f"At most {limit} bytes are allowed."
