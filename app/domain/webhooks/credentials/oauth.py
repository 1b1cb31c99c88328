"""OAuth 2.0 client credentials (RFC 6749, 4.4): the request for a token, and the response."""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

# A token is replaced so long before it expires, or after half of a shorter life.
EARLY_SECONDS = 30
# If the response does not say, and at most.
USUAL_SECONDS, LONGEST_SECONDS = 300, 86_400
# At most so often is a token replaced because receivers refuse it with 401.
REPLACE_MS = 10_000
CAUSE = "token"
_TOKEN = re.compile(r"[!-~]{1,8000}")
_ERROR = re.compile(r"[ -~]{1,200}")


class TokenRefused(Exception):
    """The text says why there is no token, without secrets."""


@dataclass(frozen=True, slots=True, repr=False)
class OAuthClient:
    """scope: separated by spaces; empty: the authorization server's default."""

    token_url: str
    client_id: str
    client_secret: str
    scope: str

    @property
    def authorization(self) -> str:
        """The header of the request for a token (2.3.1)."""
        pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"

    @property
    def form(self) -> str:
        """The body of the request for a token."""
        fields = {"grant_type": "client_credentials"}
        return urlencode(fields | ({"scope": self.scope} if self.scope else {}))


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """at: when it was issued. until: when it is to be replaced. Milliseconds since the epoch."""

    value: str
    at: int
    until: int

    @property
    def authorization(self) -> str:
        return f"Bearer {self.value}"


def read_token(status: int, body: bytes, now: int) -> Token:
    """The token in the authorization server's response. TokenRefused."""
    document = _document(body)
    if status != 200:
        error = document.get("error")
        reason = f": {error}" if isinstance(error, str) and _ERROR.fullmatch(error) else ""
        raise TokenRefused(f"the token URL responded with {status}{reason}")
    value, kind = document.get("access_token"), document.get("token_type", "bearer")
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise TokenRefused("the token URL's response has no valid access_token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise TokenRefused("the token URL's response has a token_type other than Bearer")
    return Token(value, now, now + _life_ms(document.get("expires_in")))


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _life_ms(expires_in: object) -> int:
    """How long to use a token."""
    seconds: float = USUAL_SECONDS
    if isinstance(expires_in, str) and re.fullmatch(r"[0-9]{1,9}", expires_in, re.ASCII):
        expires_in = int(expires_in)
    if isinstance(expires_in, int | float) and not isinstance(expires_in, bool):
        # NaN becomes the least.
        seconds = min(expires_in, LONGEST_SECONDS) if expires_in > 0 else 0
    return round(max(seconds - EARLY_SECONDS, seconds / 2) * 1000)
