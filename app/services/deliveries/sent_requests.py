"""Read recorded requests, in which the receiver's secrets are encrypted."""

from collections.abc import Iterable
from typing import Protocol

from cryptography.fernet import InvalidToken

from app.domain.deliveries import masking
from app.domain.deliveries.masking import HIDDEN, HasSecrets
from app.domain.deliveries.sealing import Seals, hidden
from app.models import Attempt
from app.runtime.context import runtime


class Reader(Protocol):
    """Turns what is recorded into what a person may see."""

    def head(self, head: bytes) -> bytes: ...

    def body(self, body: bytes) -> bytes: ...

    def url(self, url: str) -> str: ...


class _Opener:
    """Shows the secrets, as they were sent."""

    def head(self, head: bytes) -> bytes:
        return _seals.take_out(head)

    def body(self, body: bytes) -> bytes:
        return _seals.take_out(body)

    def url(self, url: str) -> str:
        return _seals.take_out(url.encode()).decode()


def reader(webhook: HasSecrets | None, *, shows_secrets: bool) -> Reader:
    """webhook: the sender of the request, if it is known."""
    return OPENED if shows_secrets else masking.of(webhook)


def contains_secrets(attempts: Iterable[Attempt], body: bytes | None = None) -> bool:
    """Whether opening these shows more than anybody may see."""
    recorded = [part for a in attempts for part in (bytes(a.request_head), a.url.encode())]
    return any(hidden(part, b"") != part for part in (*recorded, body or b""))


def _open(sealed: bytes) -> str:
    try:
        return runtime().vault.open(sealed)
    except InvalidToken:
        # Encrypted with another SECRET_KEY.
        return HIDDEN.decode()


_seals = Seals(_open)
OPENED: Reader = _Opener()
