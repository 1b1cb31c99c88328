"""Signature schemes: how a signature is written into a header, so that receivers which were built
for another sender keep their code.

Schemes other than `standard` use the text of the secret as the HMAC's key, as their receivers do.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from app.domain.webhooks import signing
from app.domain.webhooks.headers import FORBIDDEN

STANDARD, TIMESTAMPED, BODY = "standard", "timestamped", "sha256"
TITLES = {
    STANDARD: "Standard Webhooks: v1,<base64>",
    TIMESTAMPED: "Timestamped: t=<seconds>,v1=<hex>",
    BODY: "Body: sha256=<hex>",
}
DEFAULT_HEADERS = {
    STANDARD: "webhook-signature",
    TIMESTAMPED: "X-Callboard-Signature",
    BODY: "X-Hub-Signature-256",
}
# Every request has these already, or they change how it is read.
TAKEN = (
    FORBIDDEN
    | {"accept", "accept-encoding", "authorization", "content-type", "cookie"}
    | {
        "content-encoding",
        "user-agent",
    }
)
TAKEN_PREFIXES = ("ce-", "svix-", "x-callboard-")


class Signs(Protocol):
    def sign(self, message_id: str, timestamp: int, body: bytes) -> str: ...


def header_of(scheme: str, own: str | None) -> str:
    """The header of the signature. own: the webhook's setting."""
    return own or DEFAULT_HEADERS.get(scheme, DEFAULT_HEADERS[STANDARD])


def signer(scheme: str, secrets: Sequence[str]) -> Signs:
    """Signs with all secrets of a webhook, the current one first."""
    create = _SIGNERS.get(scheme)
    return create(secrets) if create else signing.Signer(secrets)


def _mac(secret: str) -> Callable[[bytes], str]:
    """Return a function from content to hex. A copy costs less than a new key, see `signing`."""
    keyed = HMAC(secret.encode(), SHA256())

    def mac(content: bytes) -> str:
        copy = keyed.copy()
        copy.update(content)
        return copy.finalize().hex()

    return mac


class TimestampedSigner:
    """`t=<seconds>,v1=<hex>` over `<seconds>.<body>`, with one v1 per secret."""

    __slots__ = ("_macs",)

    def __init__(self, secrets: Sequence[str]) -> None:
        self._macs = [_mac(secret) for secret in secrets]

    def sign(self, message_id: str, timestamp: int, body: bytes) -> str:  # noqa: ARG002
        """timestamp: whole seconds since the epoch."""
        content = b"%d.%s" % (timestamp, body)
        return ",".join([f"t={timestamp}", *(f"v1={mac(content)}" for mac in self._macs)])


class BodySigner:
    """`sha256=<hex>` over the body. It has room for one signature: that of the current secret."""

    __slots__ = ("_mac",)

    def __init__(self, secrets: Sequence[str]) -> None:
        self._mac = _mac(secrets[0])

    def sign(self, message_id: str, timestamp: int, body: bytes) -> str:  # noqa: ARG002
        return f"sha256={self._mac(body)}"


_SIGNERS: dict[str, Callable[[Sequence[str]], Signs]] = {
    TIMESTAMPED: TimestampedSigner,
    BODY: BodySigner,
}


def verify(
    scheme: str, secret: str, signature: str, headers: Mapping[str, str], body: bytes, *, now: int
) -> bool:
    """Like a receiver. signature: the header's text. headers: by lower-case name. now: whole
    seconds; a body's signature is valid at any time."""
    if scheme == BODY:
        return _same(BodySigner([secret]).sign("", 0, body), signature)
    if scheme != TIMESTAMPED:
        proof = headers.get("webhook-id", ""), headers.get("webhook-timestamp", ""), signature, body
        return signing.verify(secret, *proof, now=now)
    parts = [part.partition("=") for part in signature.split(",")]
    time = next((value for name, _, value in parts if name == "t"), "")
    if not (time.isascii() and time.isdigit() and len(time) < 16):
        return False
    if abs(now - int(time)) > signing.TOLERANCE_SECONDS:
        return False
    expected = _mac(secret)(b"%s.%s" % (time.encode(), body))
    return any([_same(expected, value) for name, _, value in parts if name == "v1"])  # noqa: C419


def _same(expected: str, value: str) -> bool:
    return hmac.compare_digest(expected.encode(), value.encode())
