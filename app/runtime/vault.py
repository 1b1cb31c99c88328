"""Encrypt secrets at rest with a key derived from SECRET_KEY."""

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_AT_REST, _FINGERPRINT = b"callboard secrets at rest v1", b"callboard key fingerprint v1"


class Vault:
    """Encrypts with `secret_key`; decrypts what it or one of the `previous` keys encrypted.

    What any other key encrypted raises cryptography's InvalidToken.
    """

    def __init__(self, secret_key: str, previous: Sequence[str] = ()) -> None:
        fernets = [_fernet(key) for key in (secret_key, *previous)]
        self._current, self._fernet = fernets[0], MultiFernet(fernets)
        self.fingerprint = fingerprint(secret_key)

    def seal(self, text: str) -> bytes:
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        return self._fernet.decrypt(bytes(sealed)).decode()

    def open_or_none(self, sealed: bytes | None) -> str | None:
        return None if sealed is None else self.open(sealed)

    def can_open(self, sealed: bytes) -> bool:
        try:
            self._fernet.decrypt(bytes(sealed))
        except InvalidToken:
            return False
        return True

    def reseal(self, sealed: bytes) -> bytes:
        """Encrypt with `secret_key` what a previous key encrypted; anything else is unchanged."""
        try:
            self._current.decrypt(bytes(sealed))
        except InvalidToken:
            return self._fernet.rotate(bytes(sealed))
        return bytes(sealed)


def fingerprint(secret_key: str) -> str:
    """Identifies a key in messages without helping to guess it: 8 hexadecimal digits."""
    return hashlib.sha256(_derive(secret_key, _FINGERPRINT)).hexdigest()[:8]


def _fernet(secret_key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derive(secret_key, _AT_REST)))


def _derive(secret_key: str, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=info).derive(secret_key.encode())
