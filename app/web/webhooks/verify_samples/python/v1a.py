# Python 3.10 or later, and: pip install cryptography
import base64
import time
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TOLERANCE_SECONDS = 300


def is_genuine(
    headers: Mapping[str, str], body: bytes, public_key: str, now: float | None = None
) -> bool:
    """headers: by their names in lower case. body: the raw bytes. public_key: whpk_..."""
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "")

    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
        return False
    now = time.time() if now is None else now
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False

    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key.removeprefix("whpk_")))
    signed = f"{message_id}.{timestamp}.".encode() + body
    # While a key is being rotated there are two signatures, separated by a space.
    return any(is_of(key, candidate, signed) for candidate in signatures.split(" "))


def is_of(key: Ed25519PublicKey, signature: str, signed: bytes) -> bool:
    version, _, text = signature.partition(",")
    try:
        key.verify(base64.b64decode(text, validate=True), signed)
    except (InvalidSignature, ValueError):
        return False
    return version == "v1a"
