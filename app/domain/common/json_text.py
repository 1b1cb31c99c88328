"""JSON taken apart and put together without reading its values again: bytes are sacred."""

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
    """The top-level fields of an object in their order, each value as it was written.
    ValueError when `raw` is not an object."""
    return _FIELDS.decode(raw)


def items_of(raw: bytes) -> list[bytes]:
    """The items of a list, each as it was written. ValueError when `raw` is not a list."""
    return [bytes(item) for item in _ITEMS.decode(raw)]


def quoted(text: str) -> bytes:
    """A text as JSON."""
    return _encode(text)


def placed_before(head: bytes, names: tuple[str, ...], raw: bytes) -> bytes:
    """The object `raw` with `head` as its first fields; its own fields of these names give way.

    head: fields as compact JSON without braces. Where no field gives way, the rest of `raw` stays
    as it was to the byte. ValueError when `raw` is not an object.
    """
    fields = fields_of(raw)
    rest = raw.strip(WHITE_SPACE)
    if not fields.keys().isdisjoint(names):
        for name in names:
            fields.pop(name, None)
        rest = _encode(fields)
    return b"{%b,%b" % (head, rest[1:]) if fields else b"{%b}" % head


def plain(raw: bytes) -> str:
    """A value as a form or a query carries it: a text without its quotes, null as nothing, and
    all else as compact JSON."""
    first = raw[:1]
    if first == b'"':
        return _TEXT.decode(raw)
    if first == b"n":
        return ""
    return msgspec.json.format(raw, indent=-1).decode() if first in b"[{" else raw.decode()


def written(value: Any) -> bytes:
    """Compact JSON of what a program made. ValueError or TypeError when there is none, as for an
    infinite number."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()
