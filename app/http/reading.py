"""What every API surface reads from a request in the same way: credentials and body bytes."""

import base64
import binascii
from dataclasses import dataclass

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from app.domain.common.errors import Malformed, TooLarge

# Of a body that is too large, so much at most is read and thrown away.
MAX_DISCARDED = 32 << 20
_CUT_OFF = "The body ended, or broke off, before it was whole."


@dataclass(frozen=True, slots=True)
class Key:
    """What stood behind `Bearer` or `Token`. scheme: in lower case."""

    scheme: str
    key: str


@dataclass(frozen=True, slots=True)
class Pair:
    """The id and the secret of Basic."""

    id: str
    secret: str


def credential(header: str | None) -> Key | Pair | None:
    """The credential in an Authorization header; None when there is none that can be read."""
    scheme, _, rest = (header or "").partition(" ")
    scheme, rest = scheme.lower(), rest.strip()
    if not rest:
        return None
    if scheme in ("bearer", "token"):
        return Key(scheme, rest)
    return _pair(rest) if scheme == "basic" else None


def _pair(encoded: str) -> Pair | None:
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    name, colon, secret = text.partition(":")
    return Pair(name, secret) if colon else None


def read_body(request: Request, limit: int) -> bytes:
    """The body's bytes, read once. TooLarge beyond `limit` bytes, whether Content-Length says so
    or a chunked body turns out so; Malformed when fewer came than were announced."""
    environ = request.environ
    announced = "" if "HTTP_TRANSFER_ENCODING" in environ else environ.get("CONTENT_LENGTH", "")
    if announced.isascii() and announced.isdigit() and len(announced) < 12:
        return _read_announced(request, int(announced), limit)
    # Werkzeug cuts a chunked body off at its limit without a word: the byte beyond ours tells.
    request.max_content_length = limit + 1
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        body = None
    except Exception as error:
        # Each server has errors of its own for a chunk that is none.
        raise Malformed(_CUT_OFF) from error
    if body is None or len(body) > limit:
        _discard(request, MAX_DISCARDED)
        raise _too_large(limit)
    return body


def _read_announced(request: Request, length: int, limit: int) -> bytes:
    """What Werkzeug does in 20 microseconds: this is in every event's way."""
    if length > limit:
        if length <= MAX_DISCARDED:
            _discard(request, length)
        raise _too_large(limit)
    try:
        body: bytes = request.environ["wsgi.input"].read(length)
    except Exception as error:
        raise Malformed(_CUT_OFF) from error
    if len(body) < length:
        raise Malformed(_CUT_OFF)
    return body


def _discard(request: Request, length: int) -> None:
    """Read on: a server that closes on what it has not read resets the connection, and the client
    may never see why it was refused."""
    while length > 0:
        try:
            chunk = request.environ["wsgi.input"].read(min(length, 1 << 16))
        except Exception:  # noqa: BLE001  (as above: whatever the server raises, it is over)
            return
        if not chunk:
            return
        length -= len(chunk)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body has more than the {limit} bytes that are taken here.")
