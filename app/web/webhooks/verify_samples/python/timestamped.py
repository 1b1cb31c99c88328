# Python 3.10 or later; the standard library alone.
import hmac
import time
from collections.abc import Mapping

TOLERANCE_SECONDS = 300


def is_genuine(
    headers: Mapping[str, str], body: bytes, secret: str, now: float | None = None
) -> bool:
    """headers: by their names in lower case. body: the raw bytes. secret: whsec_..."""
    signature = headers.get("x-callboard-signature", "")
    parts = [part.partition("=") for part in signature.split(",")]
    timestamp = next((value for name, _, value in parts if name == "t"), "")

    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
        return False
    now = time.time() if now is None else now
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False

    # The key is the whole text of the secret, with whsec_.
    signed = f"{timestamp}.".encode() + body
    expected = hmac.digest(secret.encode(), signed, "sha256").hex().encode()
    # While a secret is being rotated there are two v1=.
    return any(
        hmac.compare_digest(expected, value.encode()) for name, _, value in parts if name == "v1"
    )
