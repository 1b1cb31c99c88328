import hmac
from collections.abc import Mapping


def has_token(headers: Mapping[str, str], token: str) -> bool:
    """headers: by their names in lower case. token: the webhook's secret token."""
    received = headers.get("x-callboard-token", "")
    return hmac.compare_digest(received.encode(), token.encode())
