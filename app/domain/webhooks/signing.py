"""Create and verify Standard Webhooks signatures: v1 (HMAC-SHA256) and v1a (ed25519)."""

import base64
import binascii
import hmac
import secrets as randomness
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from app.domain.common.errors import Invalid, invalid

KINDS = ("v1", "v1a")
PREFIXES = {"v1": "whsec_", "v1a": "whsk_"}
PUBLIC_PREFIX = "whpk_"
MIN_SECRET_LENGTH, MAX_SECRET_LENGTH = 24, 64
SEED_LENGTH = 32
_BASE64 = "[A-Za-z0-9+/]"
# Of `parse_secret`, as JSON Schema: base64 of 24 to 64 bytes; of 32, or of 64.
SECRET_PATTERN = "|".join(
    (
        f"^whsec_({_BASE64}{{4}}){{8,20}}({_BASE64}{{4}}|{_BASE64}{{3}}=|{_BASE64}{{2}}==)?$",
        f"^whsec_({_BASE64}{{4}}){{21}}{_BASE64}{{2}}==$",
        f"^whsk_({_BASE64}{{4}}){{10}}{_BASE64}{{3}}=$",
        f"^whsk_({_BASE64}{{4}}){{21}}{_BASE64}{{2}}==$",
    )
)
TOLERANCE_SECONDS = 300

_Sign = Callable[[bytes], bytes]


def new_secret(kind: str = "v1") -> str:
    """Return `whsec_` and 32 random bytes, or `whsk_` and an ed25519 seed, in base64."""
    return PREFIXES[kind] + base64.b64encode(randomness.token_bytes(SEED_LENGTH)).decode()


def kind_of(secret: str) -> str:
    """Return `v1` or `v1a`, by the prefix."""
    return "v1a" if secret.startswith(PREFIXES["v1a"]) else "v1"


def parse_secret(text: object, field: str = "secret") -> str:
    """Return the secret in normal form. Raises Invalid.

    v1: `whsec_` and base64 of 24 to 64 bytes. v1a: `whsk_` and base64 of the 32-byte seed, or of
    the seed followed by its public key (64 bytes), as other senders write it.
    """
    if not isinstance(text, str):
        raise _bad(field, "type", "Not a string.")
    kind = next((k for k, prefix in PREFIXES.items() if text.startswith(prefix)), None)
    if kind is None:
        raise _bad(field, "format", "The prefix is neither whsec_ nor whsk_.")
    try:
        key = _key(text)
    except (binascii.Error, ValueError) as error:
        raise _bad(field, "format", "The part after the prefix is not base64.") from error
    problem = _wrong_length(key) if kind == "v1" else _wrong_seed(key)
    if problem:
        raise _bad(field, "range", problem)
    return PREFIXES[kind] + base64.b64encode(key if kind == "v1" else key[:SEED_LENGTH]).decode()


def _wrong_length(key: bytes) -> str | None:
    if MIN_SECRET_LENGTH <= len(key) <= MAX_SECRET_LENGTH:
        return None
    return f"It has {len(key)} bytes instead of {MIN_SECRET_LENGTH} to {MAX_SECRET_LENGTH}."


def _wrong_seed(key: bytes) -> str | None:
    if len(key) not in (SEED_LENGTH, 2 * SEED_LENGTH):
        return f"It has {len(key)} bytes; an ed25519 key has 32, or 64 with its public key."
    if len(key) > SEED_LENGTH and _public_bytes(key) != key[SEED_LENGTH:]:
        return "The second half is not the public key of the first."
    return None


def _bad(field: str, code: str, problem: str) -> Invalid:
    remedy = (
        "Use whsec_ and base64 of 24 to 64 random bytes, or whsk_ and base64 of an ed25519 key,"
        " or omit the secret to generate one."
    )
    return invalid(field, code, problem, remedy)


def public_key(secret: str) -> str:
    """Return the public key (`whpk_...`) of a `whsk_` secret, which receivers need."""
    return PUBLIC_PREFIX + base64.b64encode(_public_bytes(_key(secret))).decode()


def _key(secret: str) -> bytes:
    """Decode the part after the prefix. Raises binascii.Error or ValueError."""
    return base64.b64decode(secret.partition("_")[2], validate=True)


def _private(key: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key[:SEED_LENGTH])


def _public_bytes(key: bytes) -> bytes:
    return _private(key).public_key().public_bytes_raw()


class Signer:
    """Signs with all secrets of a webhook; decodes the keys once."""

    __slots__ = ("_signs",)

    def __init__(self, secrets: Sequence[str]) -> None:
        self._signs = [_hmac(_key(s)) if kind_of(s) == "v1" else _ed25519(_key(s)) for s in secrets]

    def sign(self, message_id: str, timestamp: int, body: bytes) -> str:
        """Return the webhook-signature header: one signature per secret, separated by spaces.

        timestamp: whole seconds since the epoch, as webhook-timestamp carries it.
        """
        content = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
        return " ".join([sign(content).decode() for sign in self._signs])


def _hmac(key: bytes) -> _Sign:
    """A copy of the keyed object costs half of hmac.digest, which prepares the key each time, and
    two thirds of copying the standard library's, which is wrapped in Python."""
    keyed = HMAC(key, SHA256())

    def sign(content: bytes) -> bytes:
        copy = keyed.copy()
        copy.update(content)
        return b"v1," + binascii.b2a_base64(copy.finalize(), newline=False)

    return sign


def _ed25519(key: bytes) -> _Sign:
    sign, encode = _private(key).sign, binascii.b2a_base64
    return lambda content: b"v1a," + encode(sign(content), newline=False)


def sign(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """Sign once; use Signer for more than one message."""
    return Signer(secrets).sign(message_id, timestamp, body)


def verify(
    secret: str, message_id: str, timestamp: str, signature: str, body: bytes, *, now: int
) -> bool:
    """Whether the header contains a signature by `secret` and the timestamp is recent.

    secret: `whsec_`, `whsk_` or `whpk_`. timestamp: the header's text. now: whole seconds.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 20):
        return False
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    content = b"%s.%s.%s" % (message_id.encode(), timestamp.encode(), body)
    signatures = [part.partition(",") for part in signature.split(" ")]
    version = "v1" if kind_of(secret) == "v1" and not secret.startswith(PUBLIC_PREFIX) else "v1a"
    check = _checker(secret, content)
    return any(check(text) for kind, _, text in signatures if kind == version)


def _checker(secret: str, content: bytes) -> Callable[[str], bool]:
    key = _key(secret)
    if secret.startswith(PREFIXES["v1"]):
        expected = _hmac(key)(content).partition(b",")[2]
        return lambda text: hmac.compare_digest(expected, text.encode())
    raw = key if secret.startswith(PUBLIC_PREFIX) else _public_bytes(key)
    public = Ed25519PublicKey.from_public_bytes(raw)
    return lambda text: _is_signature(public, text, content)


def _is_signature(public: Ed25519PublicKey, text: str, content: bytes) -> bool:
    try:
        public.verify(base64.b64decode(text, validate=True), content)
    except (InvalidSignature, ValueError):
        return False
    return True
