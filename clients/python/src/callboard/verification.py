"""Signatures of callbacks, as Standard Webhooks defines them: v1 (HMAC-SHA256), v1a (ed25519); and
the schemes of other senders that a webhook can use."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from callboard.errors import VerificationError

TOLERANCE_SECONDS = 300
# Their content is the query string, since they have no body.
WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})

# A webhook's setting `signature_scheme`.
Scheme = Literal["standard", "timestamped", "sha256"]
HEADERS: dict[str, str] = {
    "standard": "webhook-signature",
    "timestamped": "X-Callboard-Signature",
    "sha256": "X-Hub-Signature-256",
}


@dataclass(frozen=True, slots=True)
class Verified:
    """A callback that can be trusted. id: the same on every attempt, so that repeats can be
    dropped. timestamp: when the attempt was signed, in seconds since the epoch. Of the scheme
    `standard` both are signed, of `timestamped` the timestamp, of `sha256` neither."""

    id: str
    timestamp: int
    body: bytes

    def json(self) -> Any:
        """The body parsed as JSON. ValueError: it is none."""
        return json.loads(self.body)


def verify(
    headers: Mapping[str, str] | Iterable[tuple[str, str]],
    body: bytes | str,
    secret: str | Sequence[str],
    *,
    tolerance: float | None = TOLERANCE_SECONDS,
    now: float | None = None,
    scheme: Scheme = "standard",
    header: str | None = None,
) -> Verified:
    """The callback, if its signature is valid; VerificationError says why it is not.

    headers: names in any case. body: the bytes as they came; for GET, HEAD and OPTIONS the query
    string without `?`. secret: `whsec_...` for v1, the public key `whpk_...` for v1a, or several,
    one of which must match. tolerance: seconds that the clocks may differ; None: any age.
    scheme, header: the webhook's settings `signature_scheme` and `signature_header`.
    """
    if scheme not in HEADERS:
        raise ValueError(f"Unknown scheme {scheme!r}: use one of {', '.join(HEADERS)}.")
    content = body.encode() if isinstance(body, str) else body
    secrets = [secret] if isinstance(secret, str) else list(secret)
    if not secrets:
        raise ValueError("No secret was given.")
    by_name = _by_name(headers)
    message_id, timestamp, signature = (
        _header(by_name, name)
        for name in ("webhook-id", "webhook-timestamp", header or HEADERS[scheme])
    )
    where = "webhook-timestamp"
    if scheme == "timestamped":
        where, timestamp = "t=", next(iter(_parts(signature, "t")), "")
    # `sha256` signs no time, so that its age proves nothing.
    _check_age(timestamp, where, None if scheme == "sha256" else tolerance, now)
    if not _is_genuine(scheme, secrets, message_id, timestamp, signature, content):
        raise VerificationError(
            "No signature matches: the secret is another webhook's, or the content was changed."
        )
    return Verified(message_id, int(timestamp), content)


def _is_genuine(  # noqa: PLR0917 -- what a callback consists of
    scheme: Scheme,
    secrets: Sequence[str],
    message_id: str,
    timestamp: str,
    signature: str,
    content: bytes,
) -> bool:
    # Every secret is examined, so that a misspelled one is reported wherever it stands.
    if scheme == "standard":
        signed = f"{message_id}.{timestamp}.".encode() + content
        return any([_matches(each, signature.split(), signed) for each in secrets])  # noqa: C419
    if scheme == "timestamped":
        values, signed = _parts(signature, "v1"), f"{timestamp}.".encode() + content
    else:
        values, signed = _parts(signature, "sha256"), content
    return any([_has_mac(each, values, signed) for each in secrets])  # noqa: C419


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`, version v1. For tests of receivers, and for replays."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    mac = hmac.digest(_decoded(secret, "whsec_"), signed, hashlib.sha256)
    return f"v1,{base64.b64encode(mac).decode()}"


def _by_name(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> dict[str, str]:
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return {name.lower(): value for name, value in pairs}


def _header(by_name: Mapping[str, str], name: str) -> str:
    value = by_name.get(name.lower())
    if not value:
        raise VerificationError(f"The header {name} is missing.")
    return value


def _check_age(timestamp: str, where: str, tolerance: float | None, now: float | None) -> None:
    """where: it stands, for the error."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
        raise VerificationError(f"{where} is not a number of seconds.")
    age = (time.time() if now is None else now) - int(timestamp)
    if tolerance is not None and abs(age) > tolerance:
        raise VerificationError(f"{where} is off by {abs(age):.0f} seconds.")


def _parts(text: str, name: str) -> list[str]:
    """The values of `name` in `name=value,name=value`."""
    pairs = [part.strip().partition("=") for part in text.split(",")]
    return [value for key, _, value in pairs if key == name]


def _has_mac(secret: str, values: Sequence[str], signed: bytes) -> bool:
    """The key is the whole text of the secret, as it is for other senders with these schemes."""
    if not secret:
        raise ValueError("The secret is empty.")
    expected = hmac.digest(secret.encode(), signed, hashlib.sha256).hex().encode()
    return any([hmac.compare_digest(text.encode(), expected) for text in values])  # noqa: C419


def _matches(secret: str, signatures: Sequence[str], signed: bytes) -> bool:
    pairs = [signature.partition(",") for signature in signatures]
    if secret.startswith("whpk_"):
        return _matches_v1a(
            secret, [text for version, _, text in pairs if version == "v1a"], signed
        )
    if secret.startswith("whsk_"):
        raise ValueError("whsk_ is the sender's private key: give the public key, whpk_.")
    right = hmac.digest(_decoded(secret, "whsec_"), signed, hashlib.sha256)
    expected = base64.b64encode(right)
    return any(
        hmac.compare_digest(text.encode(), expected)
        for version, _, text in pairs
        if version == "v1"
    )


def _matches_v1a(secret: str, signatures: Sequence[str], signed: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as error:
        raise ImportError("v1a signatures need: pip install 'callboard[v1a]'") from error
    key = Ed25519PublicKey.from_public_bytes(_decoded(secret, "whpk_"))
    for text in signatures:
        try:
            key.verify(base64.b64decode(text, validate=True), signed)
        except (InvalidSignature, binascii.Error):
            continue
        return True
    return False


def _decoded(secret: str, prefix: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(prefix), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"A secret is {prefix} and base64.") from error
    if not key:
        raise ValueError("The secret is empty.")
    return key
