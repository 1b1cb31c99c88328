"""Write a request as a curl command that sends the same bytes again."""

import shlex

# Headers that curl writes itself.
CURL_OWN = frozenset({"host", "content-length", "connection"})
# Headers that curl adds unless told not to.
ADDED_BY_CURL = ("Accept", "User-Agent")
# In bytes. A longer body is read from a file instead of the command line.
MAX_INLINE = 64 << 10
# From this body size on curl sends Expect: 100-continue.
EXPECT_FROM = 1024

Pairs = list[tuple[str, str]]


def command(method: str, url: str, headers: Pairs, body: bytes, file: str) -> str:
    """headers: decoded as latin-1. file: the name of the file with a body that cannot be pasted
    (`needs_file`)."""
    parts = [f"curl {_options(method, url)}{_quoted(url)}"]
    parts += [f"-H {_header(*pair)}" for pair in headers if pair[0].lower() not in CURL_OWN]
    present = {name.lower() for name, _ in headers}
    added = (*ADDED_BY_CURL, "Content-Type") if body else ADDED_BY_CURL
    parts += [f"-H '{name}:'" for name in added if name.lower() not in present]
    if len(body) > EXPECT_FROM and "expect" not in present:
        parts.append("-H 'Expect:'")
    if body:
        parts.append(f"--data-binary {_quoted('@' + file)}" if needs_file(body) else _inline(body))
    elif method not in ("GET", "HEAD", "OPTIONS"):
        parts.append("--data-raw ''")
    return " \\\n  ".join(parts)


def needs_file(body: bytes) -> bool:
    """A shell argument ends at a NUL, and its length is limited."""
    return len(body) > MAX_INLINE or b"\0" in body


def _options(method: str, url: str) -> str:
    options = "-I " if method == "HEAD" else f"-i -X {_quoted(method)} "
    if url.startswith("https:"):
        # Callboard sends HTTP/1.1, which keeps the case of header names.
        options += "--http1.1 "
    if any(character in url for character in "[]{}"):
        options += "--globoff "
    return f"{options}--path-as-is " if "/." in url else options


def _header(name: str, value: str) -> str:
    # curl removes a header written as `Name:`; it sends an empty one for `Name;`.
    text = f"{name}: {value}" if value else f"{name};"
    return shlex.quote(text) if text.isascii() and text.isprintable() else _escaped(text, "latin-1")


def _inline(body: bytes) -> str:
    # Unlike --data and --data-binary, --data-raw does not treat a leading @ as a file name.
    return f"--data-raw {_quoted(body)}"


def _quoted(content: str | bytes) -> str:
    """One shell argument: in plain quotes if every character is printable."""
    raw = content.encode() if isinstance(content, str) else content
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return _escaped(raw.decode("latin-1"), "latin-1")
    if text.replace("\n", "").isprintable():
        return shlex.quote(text)
    return _escaped(text, "utf-8")


def _escaped(text: str, encoding: str) -> str:
    """As $'...', which bash, zsh and ksh understand."""
    return "$'" + "".join(_escape(character, encoding) for character in text) + "'"


def _escape(character: str, encoding: str) -> str:
    if character in "\\'":
        return "\\" + character
    if character == "\n" or (
        character.isprintable() and (character.isascii() or encoding == "utf-8")
    ):
        return character
    # Octal escapes have three digits; \xHH takes more digits in some shells.
    return "".join(f"\\{byte:03o}" for byte in character.encode(encoding))
