# Python 3.10 or later; the standard library alone.
import hmac
from collections.abc import Mapping


def is_genuine(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """headers: by their names in lower case. body: the raw bytes. secret: whsec_...

    No time is signed: a copy of a request stays valid.
    """
    # The key is the whole text of the secret, with whsec_.
    expected = "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()
    received = headers.get("x-hub-signature-256", "")
    return hmac.compare_digest(expected.encode(), received.encode())
