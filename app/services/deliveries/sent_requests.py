"""Read recorded requests, in which the receiver's secrets are encrypted."""

from typing import Protocol

from cryptography.fernet import InvalidToken

from app.domain.deliveries import masking
from app.domain.deliveries.masking import HIDDEN, HasSecrets
from app.domain.deliveries.sealing import Seals
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


def _open(sealed: bytes) -> str:
    try:
        return runtime().vault.open(sealed)
    except InvalidToken:
        # Encrypted with another SECRET_KEY.
        return HIDDEN.decode()


_seals = Seals(_open)
OPENED: Reader = _Opener()
