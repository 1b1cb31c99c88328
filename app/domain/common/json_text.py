"""Split and join JSON without re-encoding its values, which must keep their bytes."""

import json
from typing import Any

import msgspec

Fields = dict[str, msgspec.Raw]

WHITE_SPACE = b" \t\r\n"

_FIELDS = msgspec.json.Decoder(Fields)
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_encode = msgspec.json.encode


def fields_of(raw: bytes) -> Fields:
    """Return the top-level fields of an object in order, each value with its original bytes.
    Raises ValueError if `raw` is not an object."""
    return _FIELDS.decode(raw)


def items_of(raw: bytes) -> list[bytes]:
    """Return the original bytes of each item. Raises ValueError if `raw` is not a list."""
    return [bytes(item) for item in _ITEMS.decode(raw)]


def quoted(text: str) -> bytes:
    return _encode(text)


def prepend_fields(head: bytes, names: tuple[str, ...], raw: bytes) -> bytes:
    """Return the object `raw` with `head` in front; fields of `raw` with these names are dropped.

    head: fields as compact JSON without braces. If none is dropped, the rest of `raw` keeps its
    bytes. Raises ValueError if `raw` is not an object.
    """
    fields = fields_of(raw)
    rest = raw.strip(WHITE_SPACE)
    if not fields.keys().isdisjoint(names):
        for name in names:
            fields.pop(name, None)
        rest = _encode(fields)
    return b"{%b,%b" % (head, rest[1:]) if fields else b"{%b}" % head


def plain(raw: bytes) -> str:
    """Return a value for a form or a query: a string without quotes, null as "", the rest as
    compact JSON."""
    first = raw[:1]
    if first == b'"':
        return _TEXT.decode(raw)
    if first == b"n":
        return ""
    return msgspec.json.format(raw, indent=-1).decode() if first in b"[{" else raw.decode()


def compact_json(value: Any) -> bytes:
    """Encode as compact JSON. Raises ValueError or TypeError, for example for infinite numbers."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()
