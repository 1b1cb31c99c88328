"""Parse JSON strictly by RFC 8259 and refuse whatever other parsers read differently.

The standard library's parser accepts NaN, 1e400, UTF-16, lone surrogates and duplicate keys, and
fails on deep nesting with a RecursionError. Databases and receivers fail on each of these.
"""

import json
import math
import re
from collections import Counter
from typing import Any, NoReturn

import msgspec

from app.domain.common.errors import Malformed

MAX_DEPTH = 100
MAX_INTEGER = 2**63 - 1
MAX_DIGITS = 1000

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACES_AS_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
# A surrogate pair, one escape of four hex digits (group 1), or any other escape.
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u([0-9a-fA-F]{4})|[^u])", re.DOTALL)
_NUMBER = re.compile(rb"-?[0-9][0-9.]*+(?:[eE][+-]?[0-9]++)?")
_LONG_DIGITS = re.compile(rb"[0-9]{%d}" % MAX_DIGITS)
# A double has at most three digits of exponent.
_LARGE_EXPONENT = re.compile(rb"[0-9][eE]\+?[0-9]{3}")
# Possibly a NUL or an escaped colon.
_SUSPECT = re.compile(rb"\\u00(?:00|3[aA])")


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse a JSON object.

    Raises Malformed if the body is not an object or not strict JSON in UTF-8, is nested more than
    100 deep, or contains a NUL, a lone surrogate, a duplicate key or a number beyond 64 bits.
    """
    value = _scan(body, _RANGED)
    if not isinstance(value, dict):
        raise Malformed(f"The body is {kind_of(value)}. Send a JSON object.")
    return value


def check_payload(raw: bytes) -> None:
    """Raise Malformed for anything that `parse_object` refuses, except for large numbers."""
    value = read(raw)
    if not isinstance(value, dict):
        raise Malformed(f"The payload is {kind_of(value)}. Send a JSON object.")


def read(raw: bytes) -> Any:
    """Parse strict JSON with numbers of any size; those beyond a float become infinite.

    Raises Malformed as `parse_object` does, but is several times as fast.
    """
    try:
        value = _FAST.decode(raw)
        colons = _FAST_ENCODER.encode(value).count(b":")
    except (ValueError, OverflowError, RecursionError):
        return _scan(raw, _LOOSE)
    # A duplicate key lost its colon here, unless an escaped colon compensates for it.
    if colons != raw.count(b":") or (b"\\" in raw and _SUSPECT.search(raw) is not None):
        return _scan(raw, _LOOSE)
    if _is_deep(raw):
        _refuse_depth()
    return value


def oversized_number(raw: bytes) -> str | None:
    """Return the first number in valid JSON that common parsers fail on, shortened, or None.

    Many parsers limit integers to about a thousand digits, and an exponent beyond a double becomes
    infinite or an error: a receiver must not fail because of what Callboard accepted.
    """
    if _LONG_DIGITS.search(raw) is None and _LARGE_EXPONENT.search(raw) is None:
        return None
    for match in _NUMBER.finditer(_STRING.sub(b"", raw)):
        digits = match[0].decode().lower()
        if len(digits) > MAX_DIGITS or ("e" in digits and math.isinf(float(digits))):
            return digits[:40]
    return None


def kind_of(value: object) -> str:
    """Return the JSON type of a value for use in a sentence, such as `a number`."""
    kinds = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list"}
    return "null" if value is None else kinds.get(type(value), "an object")


def _text(body: bytes) -> str:
    if body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise Malformed("The body begins with a byte order mark. Send UTF-8 without one.")
    try:
        text = str(body, "utf-8")
    except UnicodeDecodeError as error:
        detail = f"The body is not valid UTF-8 at byte {error.start}. Send JSON in UTF-8."
        raise Malformed(detail) from None
    if not text:
        raise Malformed("The body is empty. Send a JSON object.")
    return text


def _scan(raw: bytes, decoder: json.JSONDecoder) -> Any:
    text = _text(raw)
    try:
        value = decoder.decode(text)
    except json.JSONDecodeError as error:
        position = f"line {error.lineno}, column {error.colno}"
        raise Malformed(f"The body is not valid JSON at {position}: {error.msg}.") from None
    except RecursionError:
        _refuse_depth()
    if _is_deep(raw):
        _refuse_depth()
    if "\\u" in text:
        _check_escapes(text)
    return value


def _is_deep(raw: bytes) -> bool:
    """Whether valid JSON is nested too deep; each round removes the innermost brackets."""
    if raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH:
        return False
    brackets = _STRING.sub(b"", raw).translate(_BRACES_AS_BRACKETS, _NOT_BRACKETS)
    for _ in range(MAX_DEPTH):
        if not brackets:
            break
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _check_escapes(text: str) -> None:
    for match in _ESCAPE.finditer(text):
        digits = match[1] or "-"
        if digits == "0000":
            raise Malformed(f"NUL (\\u0000) at {_position(text, match)}. Remove it.")
        if digits[0] in "dD" and digits[1] in "89abcdefABCDEF":
            position = _position(text, match)
            raise Malformed(f"Lone surrogate at {position}. Send the whole pair or remove it.")


def _position(text: str, match: re.Match[str]) -> str:
    start = match.start()
    column = start - text.rfind("\n", 0, start)
    return f"line {text.count(chr(10), 0, start) + 1}, column {column}"


def _refuse_depth() -> NoReturn:
    raise Malformed(f"The body is nested more than {MAX_DEPTH} deep. Send flatter JSON.")


def _constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is not valid JSON. Send a number, a string or null.")


def _integer(digits: str) -> int:
    value = int(digits) if len(digits) <= 20 else MAX_INTEGER + 1
    if not -MAX_INTEGER - 1 <= value <= MAX_INTEGER:
        raise Malformed(f"The number {digits[:40]} is out of range. Send at most 64 bits.")
    return value


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise Malformed(f"The number {digits[:40]} is out of range. Send at most 1.7e308.")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        _refuse_duplicate(pairs)
    return value


def _refuse_duplicate(pairs: list[tuple[str, Any]]) -> NoReturn:
    counts = Counter(name for name, _ in pairs)
    duplicate = counts.most_common(1)[0][0]
    raise Malformed(f"Duplicate key {duplicate[:60]!r}. Use each key once per object.")


_FAST = msgspec.json.Decoder()
_FAST_ENCODER = msgspec.json.Encoder()
_RANGED = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_constant=_constant,
    parse_int=_integer,
    parse_float=_float,
)
# float() accepts any number of digits; int() limits them.
_LOOSE = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_constant=_constant,
    parse_int=float,
)
