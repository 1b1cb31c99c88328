"""Indent and colour JSON without changing its characters.

Numbers are never parsed and written again: that would change `1.10` and `9007199254740993`, and the
page must show what was sent.
"""

import json
import re

from markupsafe import Markup, escape

# In characters. Longer texts are shown raw.
LIMIT = 200_000
TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>-?\d[\d.eE+-]*)|(?P<word>true|false|null)'
    r"|(?P<open>[{\[])|(?P<close>[}\]])|(?P<comma>,)|(?P<colon>:)|\s+"
)


def pretty_json(text: str) -> Markup | None:
    """The document as markup, or None if it is not JSON or too long."""
    if len(text) > LIMIT or not _is_json(text):
        return None
    return Markup("").join(_Printer(text).parts())


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


class _Printer:
    def __init__(self, text: str) -> None:
        self._tokens = [match for match in TOKEN.finditer(text) if match.lastgroup]
        self._depth = 0

    def parts(self) -> list[Markup]:
        return [self._part(index, match) for index, match in enumerate(self._tokens)]

    def _part(self, index: int, match: re.Match[str]) -> Markup:
        kind, text = match.lastgroup, match.group()
        if kind == "open":
            if self._kind(index + 1) == "close":
                return escape(text)
            self._depth += 1
            return escape(text) + self._newline()
        if kind == "close":
            if self._kind(index - 1) == "open":
                return escape(text)
            self._depth -= 1
            return self._newline() + escape(text)
        if kind == "comma":
            return escape(",") + self._newline()
        if kind == "colon":
            return escape(": ")
        if kind == "string" and self._kind(index + 1) == "colon":
            kind = "key"
        return Markup('<span class="json-{}">{}</span>').format(kind, text)

    def _kind(self, index: int) -> str | None:
        return self._tokens[index].lastgroup if 0 <= index < len(self._tokens) else None

    def _newline(self) -> Markup:
        return escape("\n" + "  " * self._depth)
