"""Present a request or response: first line, headers, body."""

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from markupsafe import Markup

from app.web.common.rendering.pretty import pretty_json

Pairs = list[tuple[str, str]]

# In bytes: what a page shows of a longer body.
SHOWN = 64 << 10


@dataclass(frozen=True, slots=True)
class BodyView:
    """pretty: coloured JSON. table: the fields of a form. text: the characters, or a hex dump of a
    binary body. bytes: the length. truncated: only this much is stored. is_cut: only the first
    SHOWN bytes are shown."""

    bytes: int
    content_type: str
    text: str
    pretty: Markup | None
    table: Pairs | None
    is_binary: bool
    truncated: bool = False
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """query: the query parameters of a request that has them instead of a body."""

    line: str
    headers: Pairs
    body: BodyView
    query: Pairs | None = None


def body_view(content: bytes, content_type: str = "", truncated: bool = False) -> BodyView:
    kind = content_type.partition(";")[0].strip().lower()
    is_cut = len(content) > SHOWN
    text = decoded(content[:SHOWN], kind, truncated or is_cut)
    shown = dump(content) if text is None else text
    return BodyView(
        bytes=len(content),
        content_type=content_type,
        text=shown,
        pretty=pretty_json(text) if text and text.lstrip()[:1] in ("{", "[") else None,
        table=_form(text) if text and kind == "application/x-www-form-urlencoded" else None,
        is_binary=text is None,
        truncated=truncated,
        is_cut=is_cut,
    )


def decoded(content: bytes, kind: str, truncated: bool) -> str | None:
    """The text, or None for a binary body. kind: the media type in lower case."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        # A truncated body may end in the middle of a character.
        if truncated and error.start >= len(content) - 3:
            return content[: error.start].decode()
        return content.decode("latin-1") if kind.startswith("text/") else None
    return None if "\0" in text else text


def _form(text: str) -> Pairs | None:
    return parse_qsl(text, keep_blank_values=True) or None


def dump(content: bytes, limit: int = 2048) -> str:
    """Lines of 16 bytes in hex with their ASCII; the first `limit` bytes."""
    lines = []
    for start in range(0, min(len(content), limit), 16):
        row = content[start : start + 16]
        ascii_text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{start:08x}  {row.hex(' '):<47}  {ascii_text}")
    if len(content) > limit:
        lines.append(f"... {len(content) - limit} more bytes")
    return "\n".join(lines)


def parsed_head(head: bytes | None) -> tuple[str, Pairs]:
    """The first line and the headers in order."""
    lines = (head or b"").decode("latin-1").split("\n")
    pairs = [line.rstrip("\r").partition(":") for line in lines[1:] if line.strip()]
    return lines[0].rstrip("\r"), [(name, value.strip()) for name, _, value in pairs]


def header(headers: Pairs, name: str) -> str:
    """The header's first value, or ''."""
    return next((value for key, value in headers if key.lower() == name), "")


def message(
    head: bytes | None, body: bytes | None, truncated: bool = False, length: int | None = None
) -> Message:
    """length: of the body as sent, if the shown one is masked."""
    line, headers = parsed_head(head)
    view = body_view(body or b"", header(headers, "content-type"), truncated)
    if length is not None:
        view = replace(view, bytes=length)
    return Message(line, headers, view, None if body else query_of(line))


def query_of(line: str) -> Pairs | None:
    """The query parameters of a request line such as `GET /hook?a=1 HTTP/1.1`."""
    url = line.split(" ")[1:2]
    query = url[0].partition("?")[2].partition("#")[0] if url else ""
    return parse_qsl(query, keep_blank_values=True) or None
