"""Encrypt secrets at rest with a key derived from SECRET_KEY."""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Vault:
    """Encrypts with `secret_key`; decrypts what it or one of the `previous` keys encrypted.

    What any other key encrypted raises cryptography's InvalidToken.
    """

    def __init__(self, secret_key: str, previous: Sequence[str] = ()) -> None:
        self._fernet = MultiFernet([_fernet(key) for key in (secret_key, *previous)])

    def seal(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        return self._fernet.decrypt(bytes(sealed)).decode()

    def open_or_none(self, sealed: bytes | None) -> str | None:
        return None if sealed is None else self.open(sealed)


def _fernet(secret_key: str) -> Fernet:
    info = b"callboard secrets at rest v1"
    derived = HKDF(SHA256(), 32, salt=None, info=info).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
