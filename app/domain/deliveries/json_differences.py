"""What differs between two JSON documents, field by field. Numbers are compared as written."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.domain.deliveries.differences import (
    SHOWN,
    VALUE_SHOWN,
    Difference,
    Differences,
    difference,
)

# Levels that are compared field by field; what lies deeper is one value.
MAX_DEPTH = 30
# Characters of a key in a path.
KEY_SHOWN = 80
ROOT = "(document)"
_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Number:
    """The characters, which a float would change. Never equal to a string."""

    text: str


class _Missing:
    pass


_MISSING = _Missing()
# From the inside: the key or index of a field, and the path of what contains it.
_Path = tuple[object, "_Path | None"] | None


def of_json(before: str, after: str) -> Differences | None:
    """None if either is not an object or array, or is nested too deeply."""
    try:
        first, second = _parsed(before), _parsed(after)
        if not (isinstance(first, dict | list) and isinstance(second, dict | list)):
            return None
        walk = _Walk()
        walk.compare(None, first, second, 0)
    except (ValueError, RecursionError):
        return None
    return Differences(tuple(walk.listed), walk.total, walk.same)


def _parsed(text: str) -> object:
    return json.loads(text, parse_int=_Number, parse_float=_Number, parse_constant=_Number)


class _Walk:
    """Builds paths only of the differences that are listed."""

    def __init__(self) -> None:
        self.listed: list[Difference] = []
        self.total = self.same = 0

    def compare(self, path: _Path, before: object, after: object, depth: int) -> None:
        if depth < MAX_DEPTH and isinstance(before, dict) and isinstance(after, dict):
            for key in dict.fromkeys((*before, *after)):
                values = before.get(key, _MISSING), after.get(key, _MISSING)
                self.compare((key, path), *values, depth + 1)
        elif depth < MAX_DEPTH and isinstance(before, list) and isinstance(after, list):
            self._compare_items(path, before, after, depth + 1)
        elif before == after:
            self.same += 1
        else:
            self.total += 1
            if self.total <= SHOWN:
                self.listed.append(difference(_name(path), _written(before), _written(after)))

    def _compare_items(self, path: _Path, before: list[Any], after: list[Any], depth: int) -> None:
        """Items that were added or removed in one position don't make all others differ."""
        shorter = min(len(before), len(after))
        start = next((i for i in range(shorter) if before[i] != after[i]), shorter)
        ends = range(1, shorter - start + 1)
        end = next((i - 1 for i in ends if before[-i] != after[-i]), shorter - start)
        self.same += start + end
        middle = max(len(before), len(after)) - end
        for index in range(start, middle):
            first = before[index] if index < len(before) - end else _MISSING
            second = after[index] if index < len(after) - end else _MISSING
            self.compare((index, path), first, second, depth)


def _name(path: _Path) -> str:
    """`data.items[0]["a b"]`"""
    parts: list[str] = []
    while path is not None:
        key, path = path
        parts.append(f"[{key}]" if isinstance(key, int) else _key(str(key)))
    return "".join(reversed(parts)).removeprefix(".") or ROOT


def _key(key: str) -> str:
    short = key if len(key) <= KEY_SHOWN else f"{key[:KEY_SHOWN]}…"
    if _PLAIN_KEY.fullmatch(key):
        return f".{short}"
    return f"[{_string(short)}]"


def _written(value: object) -> str | None:
    """As JSON; of containers the beginning. None if it is missing."""
    if value is _MISSING:
        return None
    if isinstance(value, str):
        return _string(value)
    parts, length = [], 0
    for part in _parts(value):
        parts.append(part)
        length += len(part)
        if length > VALUE_SHOWN:
            break
    return "".join(parts)


def _parts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield "{"
        for index, (key, item) in enumerate(value.items()):
            yield f"{', ' if index else ''}{_string(key)}: "
            yield from _parts(item)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for index, item in enumerate(value):
            if index:
                yield ", "
            yield from _parts(item)
        yield "]"
    elif isinstance(value, _Number):
        yield value.text
    else:
        yield _string(value) if isinstance(value, str) else json.dumps(value)


def _string(text: str) -> str:
    """As JSON. Half of a surrogate pair, which no page can contain, stays escaped."""
    return json.dumps(text, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
