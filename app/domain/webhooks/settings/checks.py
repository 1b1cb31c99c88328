"""Checks of settings that are more than a type with bounds."""

import json
from typing import Any

from app.domain.addresses.urls import check_url
from app.domain.common import names
from app.domain.common.errors import Invalid, Malformed, invalid
from app.domain.common.strict_json import kind_of, parse_object
from app.domain.webhooks.filters import compile_filter
from app.domain.webhooks.headers import MAX_HEADER, VALUE_PATTERN, name_faults, value_faults
from app.domain.webhooks.retries import parse_policy
from app.domain.webhooks.schemes import TAKEN, TAKEN_PREFIXES
from app.domain.webhooks.settings.types import Text

MAX_METHOD_LENGTH = 40
MAX_HEADER_NAME_LENGTH = 200
# Together with the longest name, a token still fits into a header.
MAX_TOKEN_LENGTH = MAX_HEADER - MAX_HEADER_NAME_LENGTH
MAX_METADATA_BYTES = 16_384
# How JSON Schema says what the checks below accept.
HEADER_NAME = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_HEADER_NAME_LENGTH,
    "pattern": names.TOKEN_PATTERN,
}
HEADER_VALUE = {"type": "string", "pattern": VALUE_PATTERN}
METHOD = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_METHOD_LENGTH,
    "pattern": names.TOKEN_PATTERN,
}


# CONNECT opens tunnels, TRACE echoes headers back, PRI starts HTTP/2.
FORBIDDEN_METHODS = frozenset({"CONNECT", "TRACE", "PRI"})


def url(value: object, field: str) -> str:
    return check_url(value, field).url


def method(value: object, field: str) -> str:
    """As it was given, for those who read it back; requests have it in upper case."""
    if not names.is_token(value) or len(str(value)) > MAX_METHOD_LENGTH:
        remedy = f"Use a method such as POST or PUT, of at most {MAX_METHOD_LENGTH} characters."
        raise invalid(field, "method", "Not an HTTP method.", remedy)
    if str(value).upper() in FORBIDDEN_METHODS:
        remedy = "Use a method that carries a request, such as POST or PUT."
        raise invalid(field, "method", "This method cannot be sent.", remedy)
    return str(value)


def expression(value: object, field: str) -> str:
    return compile_filter(value, field).text


def secret_header(value: object, field: str) -> str:
    name = Text(MAX_HEADER_NAME_LENGTH, min_length=1).check(value, field)
    if errors := list(name_faults(name, field)):
        raise Invalid(errors)
    return name


def signature_header(value: object, field: str) -> str:
    name = secret_header(value, field)
    if name.lower() in TAKEN or name.lower().startswith(TAKEN_PREFIXES):
        problem = f"The header {name[:60]} is reserved."
        raise invalid(field, "reserved", problem, "Use another name, such as X-Acme-Signature.")
    return name


def secret_token(value: object, field: str) -> str:
    token = Text(MAX_TOKEN_LENGTH, min_length=1).check(value, field)
    if errors := list(value_faults(token, field)):
        raise Invalid(errors)
    return token


def retry_policy(value: object, field: str) -> dict[str, Any]:
    return parse_policy(value, field).document()


def metadata(value: object, field: str) -> dict[str, Any]:
    remedy = f"Use a JSON object of at most {MAX_METADATA_BYTES} bytes."
    if not isinstance(value, dict):
        raise invalid(field, "type", f"Expected an object, got {kind_of(value)}.", remedy)
    try:
        encoded = json.dumps(value).encode()
        document = parse_object(encoded)
    except (Malformed, ValueError, TypeError, RecursionError) as error:
        raise invalid(field, "json", f"Not valid JSON: {error}", remedy) from error
    if len(encoded) > MAX_METADATA_BYTES:
        raise invalid(field, "length", f"It has {len(encoded)} bytes.", remedy)
    return document
