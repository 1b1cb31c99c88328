"""Signed tokens for links: each for one purpose and a limited time."""

import hashlib

from itsdangerous import BadData, URLSafeTimedSerializer

from app.runtime.context import runtime


def sign(purpose: str, content: object) -> str:
    """content: JSON. Holders of the link can read it, but not change it."""
    return str(_serializer(purpose).dumps(content))


def read(purpose: str, token: str, max_age: int) -> object:
    """The content signed for this purpose at most `max_age` seconds ago; None: not valid."""
    try:
        content: object = _serializer(purpose).loads(token, max_age=max_age)
    except (BadData, ValueError):
        return None
    return content


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    settings = runtime().settings
    return URLSafeTimedSerializer(
        # The last key signs; each of them verifies.
        [*settings.secret_key_previous, settings.secret_key],
        salt=f"callboard {purpose} v1",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
