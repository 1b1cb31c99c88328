"""A request's headers and body out of a WSGI environment."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

from app.domain.common.errors import Malformed, TooLarge

Environ = dict[str, Any]

# At most this much of a body that is too large is read and discarded.
MAX_DISCARDED = 32 << 20
_CHUNK = 1 << 16
_INCOMPLETE = "The body ended before it was complete."


class EnvironHeaders:
    """Looked up in the environment one by one: copying all of them costs time with every event."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Environ) -> None:
        self._environ = environ

    def get(self, name: str) -> str | None:
        value: str | None = self._environ.get(_variable(name))
        return value

    def items(self) -> Iterator[tuple[str, str]]:
        for variable, value in self._environ.items():
            if variable.startswith("HTTP_") or variable in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                yield variable.removeprefix("HTTP_").replace("_", "-").lower(), value


@cache
def _variable(name: str) -> str:
    variable = name.upper().replace("-", "_")
    return variable if variable in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{variable}"


def body_reader(environ: Environ) -> Callable[[int], bytes]:
    return partial(read_body, environ)


def read_body(environ: Environ, limit: int) -> bytes:
    """The whole body, read once. TooLarge: more than `limit` bytes, by its Content-Length or as a
    chunked body turns out. Malformed: fewer bytes came than were announced."""
    length = "" if "HTTP_TRANSFER_ENCODING" in environ else environ.get("CONTENT_LENGTH") or ""
    if length.isascii() and length.isdigit():
        # int() refuses thousands of digits; the first ones are enough to be too large.
        return _read_announced(environ, int(length[:20]), limit)
    # Without a length only a server that marks the end of the stream can be read to its end.
    return _read_to_end(environ, limit) if environ.get("wsgi.input_terminated") else b""


def _read_announced(environ: Environ, length: int, limit: int) -> bytes:
    if length > limit:
        if length <= MAX_DISCARDED:
            _discard(environ, length)
        raise too_large(limit)
    body = _read(environ, length)
    if len(body) < length:
        raise Malformed(_INCOMPLETE)
    return body


def _read_to_end(environ: Environ, limit: int) -> bytes:
    chunks, size = [], 0
    while chunk := _read(environ, min(_CHUNK, limit + 1 - size)):
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            _discard(environ, MAX_DISCARDED)
            raise too_large(limit)
    return b"".join(chunks)


def _read(environ: Environ, size: int) -> bytes:
    try:
        chunk: bytes = environ["wsgi.input"].read(size)
    except Exception as error:
        # Each server raises errors of its own for an invalid chunk.
        raise Malformed(_INCOMPLETE) from error
    return chunk


def _discard(environ: Environ, length: int) -> None:
    """A server that closes the connection with unread data resets it, and the client may never see
    the response."""
    while length > 0:
        try:
            chunk = _read(environ, min(length, _CHUNK))
        except Malformed:
            return
        if not chunk:
            return
        length -= len(chunk)


def too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit} bytes.")
