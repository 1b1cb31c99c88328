# Python 3.10 or later; the standard library alone.
import base64
import hmac
import time
from collections.abc import Mapping

TOLERANCE_SECONDS = 300


def is_genuine(
    headers: Mapping[str, str], body: bytes, secret: str, now: float | None = None
) -> bool:
    """headers: by their names in lower case. body: the raw bytes. secret: whsec_..."""
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "")

    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
        return False
    now = time.time() if now is None else now
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False

    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.digest(key, signed, "sha256"))
    # While a secret is being rotated there are two signatures, separated by a space.
    return any(
        hmac.compare_digest(expected, candidate.encode()) for candidate in signatures.split(" ")
    )
