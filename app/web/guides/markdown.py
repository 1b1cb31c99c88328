"""A guide's Markdown as HTML: our links, headings with anchors, nothing of raw HTML.

The anchors are those of the documentation's site (Python-Markdown), so that links between guides
lead to the same headings in both, which `mkdocs build --strict` checks.
"""

import posixpath
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_SCHEME = re.compile(r"[a-z]+:", re.IGNORECASE)
_DIGITS = re.compile(r"_(\d+)$")

# {address of a guide, or an image: its URL}; None: it is not in the product.
Resolve = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Section:
    """What follows a heading. anchor: "" before the first one. text: of search results."""

    anchor: str
    title: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """title: the first heading, which is not part of the HTML."""

    title: str
    html: Markup
    sections: tuple[Section, ...]


def rendered(text: str, name: str, resolve: Resolve) -> Rendered:
    """name: of the guide, such as `operations/figures`, to which its links are relative."""
    parser = _parser()
    tokens = parser.parse(_COMMENT.sub("", text))
    anchors: set[str] = set()
    title, sections = "", [Section("", "", 1, "")]
    for token, inline in _with_next(tokens):
        if token.type == "heading_open" and inline is not None:
            words = _plain(inline)
            anchor = _anchor(words, anchors)
            token.attrSet("id", anchor)
            level = int(token.tag[1:])
            title = title or words
            sections.append(Section(anchor, words, level, ""))
        elif token.type in ("inline", "fence", "code_block"):
            _point(token.children or (), name, resolve)
            last = sections[-1]
            words = _plain(token) if token.type == "inline" else token.content
            joined = words if words == last.title else f"{last.text} {words}".strip()
            sections[-1] = Section(last.anchor, last.title, last.level, joined)
    html = parser.renderer.render(_without_title(tokens), parser.options, {})
    return Rendered(title, Markup(html), tuple(sections))  # noqa: S704 -- raw HTML is escaped


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    rules: dict[str, Any] = parser.renderer.rules  # type: ignore[attr-defined]
    rules["fence"] = rules["code_block"] = _code
    rules["table_open"] = lambda *_: '<div class="prose-table" tabindex="0"><table>\n'
    rules["table_close"] = lambda *_: "</table></div>\n"
    return parser


def _code(tokens: Sequence[Token], index: int, *_: object) -> str:
    return f'<pre class="code" tabindex="0">{escape(tokens[index].content)}</pre>\n'


def _with_next(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token | None]]:
    return zip(tokens, [*tokens[1:], None], strict=True)


def _without_title(tokens: list[Token]) -> list[Token]:
    """The page has the title already."""
    if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        return tokens[3:]
    return tokens


def _plain(token: Token) -> str:
    """Its text without marks."""
    kinds = ("text", "code_inline")
    parts = (
        child.content if child.type in kinds else " " if child.type == "softbreak" else ""
        for child in token.children or ()
    )
    return "".join(parts)


def _anchor(words: str, taken: set[str]) -> str:
    """As Python-Markdown's toc makes it."""
    text = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    anchor = re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower())
    while anchor in taken or not anchor:
        match = _DIGITS.search(anchor)
        number = int(match[1]) + 1 if match else 1
        anchor = f"{_DIGITS.sub('', anchor)}_{number}"
    taken.add(anchor)
    return anchor


def _point(children: Sequence[Token], name: str, resolve: Resolve) -> None:
    """Let links and images lead to where the product has them. Links to files that it does not
    have lose their target, and keep their text."""
    for token in children:
        attribute = {"link_open": "href", "image": "src"}.get(token.type)
        if attribute is None:
            continue
        target = str(token.attrGet(attribute) or "")
        if target.startswith("#"):
            continue
        if _SCHEME.match(target):
            token.attrSet("rel", "noreferrer")
            continue
        path, _, fragment = target.partition("#")
        url = resolve(posixpath.normpath(posixpath.join(posixpath.dirname(name), path)))
        if url is None:
            token.attrs.pop(attribute)
        else:
            token.attrSet(attribute, url + (f"#{fragment}" if fragment else ""))
