"""The fields of a webhook as a caller gives them: a rule for each, apart from all others.

A rule takes the value, never null, and the field's name; it answers what is stored, or raises
Invalid, which says what would be right.
"""

import json
from collections.abc import Callable
from typing import Any

from app.domain.addresses.urls import check_url
from app.domain.bodies.formats import FORMATS
from app.domain.common import names
from app.domain.common.errors import FieldError, Invalid, Malformed, invalid
from app.domain.common.strict_json import kind_of, parse_object
from app.domain.event_types.names import check_name
from app.domain.webhooks.filters import compile_filter
from app.domain.webhooks.headers import MAX_HEADER, check_headers, name_faults, value_faults
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.retries import parse_policy
from app.domain.webhooks.signing import parse_secret
from app.domain.webhooks.success import parse_statuses

Rule = Callable[[Any, str], Any]

ENCODINGS = ("json", "form")
SIGNINGS = ("v1", "v1a", "none")
TIMEOUT_RANGE = (0.1, 60)
RATE_RANGE = (0.01, 10_000)
IN_FLIGHT_RANGE = (1, 1000)
MAX_METHOD = 40
MAX_LISTED = 500
MAX_METADATA = 16_384


def _text(longest: int, *, shortest: int = 0, lines: bool = False) -> Rule:
    remedy = f"Give a text of {shortest} to {longest} characters."

    def rule(value: object, field: str) -> str:
        if not isinstance(value, str):
            raise invalid(field, "type", f"It is {kind_of(value)}, not text.", remedy)
        if not shortest <= len(value) <= longest:
            raise invalid(field, "length", f"It has {len(value)} characters.", remedy)
        fault = names.text_fault(value, lines=lines)
        if fault is not None:
            raise invalid(field, "characters", fault, remedy)
        return value

    return rule


def _choice(choices: tuple[str, ...]) -> Rule:
    remedy = f"Give one of {', '.join(choices)}."

    def rule(value: object, field: str) -> str:
        if not isinstance(value, str):
            raise invalid(field, "type", f"It is {kind_of(value)}, not text.", remedy)
        if value not in choices:
            raise invalid(field, "choice", f"There is no {value[:40]!r}.", remedy)
        return value

    return rule


def _number(low: float, high: float) -> Rule:
    remedy = f"Give a number from {low:g} to {high:g}."

    def rule(value: object, field: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise invalid(field, "type", f"It is {kind_of(value)}, not a number.", remedy)
        if not low <= value <= high:  # NaN among others
            raise invalid(field, "range", "It is out of range.", remedy)
        return float(value)

    return rule


def _integer(low: int, high: int) -> Rule:
    remedy = f"Give a whole number from {low} to {high}."

    def rule(value: object, field: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise invalid(field, "type", "It is not a whole number.", remedy)
        if not low <= value <= high:
            raise invalid(field, "range", "It is out of range.", remedy)
        return value

    return rule


def _flag(value: object, field: str) -> bool:
    if not isinstance(value, bool):
        raise invalid(field, "type", f"It is {kind_of(value)}.", "Give true or false.")
    return value


def _listed(entry_rule: Rule) -> Rule:
    remedy = f"Give a list of 1 to {MAX_LISTED} names; null, or leave it out, for all."

    def rule(value: object, field: str) -> list[str]:
        if not isinstance(value, list | tuple):
            raise invalid(field, "type", f"It is {kind_of(value)}, not a list.", remedy)
        if not value:
            raise invalid(field, "empty", "Nothing is named: nothing would be sent.", remedy)
        if len(value) > MAX_LISTED:
            raise invalid(field, "range", f"{len(value)} names are too many.", remedy)
        errors: list[FieldError] = []
        for index, entry in enumerate(value):
            try:
                entry_rule(entry, f"{field}[{index}]")
            except Invalid as error:
                errors += error.errors
        if errors:
            raise Invalid(errors)
        return list(dict.fromkeys(value))

    return rule


def _url(value: object, field: str) -> str:
    return check_url(value, field).url


def _method(value: object, field: str) -> str:
    if not names.is_token(value) or len(str(value)) > MAX_METHOD:
        remedy = f"Give a method such as POST, PUT or DELETE, of at most {MAX_METHOD} letters."
        raise invalid(field, "method", "It is no HTTP method.", remedy)
    return str(value).upper()


def _filter(value: object, field: str) -> str:
    return compile_filter(value, field).text


def _secret_header(value: object, field: str) -> str:
    name: str = _text(200, shortest=1)(value, field)
    errors = list(name_faults(name, field))
    if errors:
        raise Invalid(errors)
    return name


def _secret_token(value: object, field: str) -> str:
    token: str = _text(MAX_HEADER - 200, shortest=1)(value, field)
    errors = list(value_faults(token, field))
    if errors:
        raise Invalid(errors)
    return token


def _retry_policy(value: object, field: str) -> dict[str, Any]:
    return parse_policy(value, field).document()


def _metadata(value: object, field: str) -> dict[str, Any]:
    remedy = f"Give a JSON object of at most {MAX_METADATA} bytes."
    if not isinstance(value, dict):
        raise invalid(field, "type", f"It is {kind_of(value)}.", remedy)
    try:
        written = json.dumps(value).encode()
        copy = parse_object(written)
    except (Malformed, ValueError, TypeError, RecursionError) as error:
        raise invalid(field, "json", f"It is no plain JSON: {error}", remedy) from error
    if len(written) > MAX_METADATA:
        raise invalid(field, "length", f"It has {len(written)} bytes.", remedy)
    return copy


RULES: dict[str, Rule] = {
    "url": _url,
    "name": _text(200),
    "description": _text(4000, lines=True),
    "once": _flag,
    "preset": _choice(tuple(PRESETS)),
    "method": _method,
    "body_format": _choice(tuple(FORMATS)),
    "body_expression": _filter,
    "body_encoding": _choice(ENCODINGS),
    "event_types": _listed(check_name),
    "sources": _listed(_text(names.MAX_SOURCE, shortest=1)),
    "filter": _filter,
    "headers": check_headers,
    "api_key": _text(1024),
    "secret_token": _secret_token,
    "secret_header": _secret_header,
    "success_statuses": parse_statuses,
    "timeout_seconds": _number(*TIMEOUT_RANGE),
    "retry_policy": _retry_policy,
    "rate_limit_per_second": _number(*RATE_RANGE),
    "max_in_flight": _integer(*IN_FLIGHT_RANGE),
    "ordered": _flag,
    "signing": _choice(SIGNINGS),
    "secret": parse_secret,
    "is_active": _flag,
    "metadata": _metadata,
}
