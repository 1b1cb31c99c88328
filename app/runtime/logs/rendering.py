"""Turn a line's fields into text: one JSON object, or words for people."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

Fields = Mapping[str, Any]
Renderer = Callable[[Fields], str]

TRACEBACK = "traceback"
# A line stays below what the supervisor reads as one.
_MAX_TEXT = 16_000
_PLAIN = re.compile(r"[!#-~]+", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_encode = msgspec.json.Encoder(enc_hook=repr).encode


def as_json(fields: Fields) -> str:
    """`time`, `level`, `process`, `message` come first, as they are given."""
    try:
        return _encode(fields).decode()
    except UnicodeEncodeError:
        # Text of a client may hold a lone surrogate.
        return _encode({key: _encodable(value) for key, value in fields.items()}).decode()


def as_text(fields: Fields) -> str:
    """`2026-11-21T10:00:00.000Z info    request status=202 ...`; a traceback follows."""
    rest = dict(fields)
    time, level, message = (rest.pop(name, "") for name in ("time", "level", "message"))
    for name in ("process", "pid", "logger"):
        rest.pop(name, None)
    traceback = rest.pop(TRACEBACK, None)
    words = [f"{name}={_word(value)}" for name, value in rest.items() if value is not None]
    line = " ".join([time, f"{level:<7}", _one_line(message), *words])
    return f"{line}\n{traceback}" if traceback else line


def shortened(text: str) -> str:
    """The end of a traceback says most."""
    return text if len(text) <= _MAX_TEXT else f"...{text[-_MAX_TEXT:]}"


def _word(value: Any) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else _encode(_encodable(text)).decode()


def _one_line(text: str) -> str:
    """A client's text cannot look like another line."""
    return _CONTROL.sub(lambda control: repr(control[0])[1:-1], _encodable(text))


def _encodable(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
