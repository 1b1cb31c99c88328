"""A request as a command for a shell: pasted there, it sends the same bytes once more."""

import shlex

# What curl writes by itself.
CURL_OWN = frozenset({"host", "content-length", "connection"})
# What curl would add where the request had none.
UNASKED = ("Accept", "User-Agent")
# A longer body is not pasted: it is saved, and read from the file.
PASTED = 64 << 10
# From here on curl asks with Expect before it sends.
EXPECTS = 1024

Pairs = list[tuple[str, str]]


def command(method: str, url: str, headers: Pairs, body: bytes, file: str) -> str:
    """headers: their characters stand for bytes (latin-1). file: the name under which a body is to
    be saved that cannot be pasted (`needs_file`)."""
    parts = [f"curl {_options(method, url)}{_quoted(url)}"]
    parts += [f"-H {_header(*pair)}" for pair in headers if pair[0].lower() not in CURL_OWN]
    given = {name.lower() for name, _ in headers}
    unasked = (*UNASKED, "Content-Type") if body else UNASKED
    parts += [f"-H '{name}:'" for name in unasked if name.lower() not in given]
    if len(body) > EXPECTS and "expect" not in given:
        parts.append("-H 'Expect:'")
    if body:
        parts.append(f"--data-binary {_quoted('@' + file)}" if needs_file(body) else _pasted(body))
    elif method not in ("GET", "HEAD", "OPTIONS"):
        parts.append("--data-raw ''")
    return " \\\n  ".join(parts)


def needs_file(body: bytes) -> bool:
    """A shell's word ends at a NUL, and is not endless."""
    return len(body) > PASTED or b"\0" in body


def _options(method: str, url: str) -> str:
    options = "-I " if method == "HEAD" else f"-i -X {_quoted(method)} "
    if url.startswith("https:"):
        # Callboard speaks 1.1, where names of headers keep their letters.
        options += "--http1.1 "
    if any(mark in url for mark in "[]{}"):
        options += "--globoff "
    return f"{options}--path-as-is " if "/." in url else options


def _header(name: str, value: str) -> str:
    # To curl a name with nothing after the colon is one to leave out.
    line = f"{name}: {value}" if value else f"{name};"
    return shlex.quote(line) if line.isascii() and line.isprintable() else _escaped(line, "latin-1")


def _pasted(body: bytes) -> str:
    # Unlike --data and --data-binary, this takes a leading @ for what it is.
    return f"--data-raw {_quoted(body)}"


def _quoted(content: str | bytes) -> str:
    """One word for a shell: in plain quotes where every character can be seen."""
    raw = content.encode() if isinstance(content, str) else content
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return _escaped(raw.decode("latin-1"), "latin-1")
    if text.replace("\n", "").isprintable():
        return shlex.quote(text)
    return _escaped(text, "utf-8")


def _escaped(text: str, encoding: str) -> str:
    """As $'...', which bash, zsh and ksh read."""
    return "$'" + "".join(_escape(character, encoding) for character in text) + "'"


def _escape(character: str, encoding: str) -> str:
    if character in "\\'":
        return "\\" + character
    if character == "\n" or (
        character.isprintable() and (character.isascii() or encoding == "utf-8")
    ):
        return character
    # Three octal digits end by themselves, where \xHH takes what follows on some shells.
    return "".join(f"\\{byte:03o}" for byte in character.encode(encoding))
