"""One-time codes: those of authenticator apps (TOTP, RFC 6238), and recovery codes."""

import hashlib
import hmac
import re

import pyotp

STEP_MS = 30_000
# Clocks of phones are off by seconds: the codes before and after the current one are valid too.
DRIFT = 1
RECOVERY_CODES = 10
# Base 32 without a checksum: 16 characters hold 80 bits.
RECOVERY_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
RECOVERY_LENGTH = 16
# Longer input is not a code.
MAX_CODE = 40

_APP_CODE = re.compile(r"[0-9]{6}")
_RECOVERY_CODE = re.compile(r"[a-z2-7]{16}")
_SEPARATORS = re.compile(r"[\s-]+")


def provisioning_uri(secret: str, email: str) -> str:
    """What the QR code says. secret: Base 32."""
    return pyotp.TOTP(secret, name=email, issuer="Callboard").provisioning_uri()


def app_code(text: str) -> str | None:
    """The six digits of an authenticator app's code, or None. Spaces and hyphens are ignored."""
    code = _compact(text)
    return code if _APP_CODE.fullmatch(code) else None


def recovery_code(text: str) -> str | None:
    """A recovery code without its hyphens, or None."""
    code = _compact(text).lower()
    return code if _RECOVERY_CODE.fullmatch(code) else None


def matching_step(secret: str, code: str, now: int, last_step: int | None) -> int | None:
    """The time step whose code this is; None if it is wrong, too old, or not later than
    `last_step`, the step of the last accepted code: each code works once.

    now: milliseconds since the epoch.
    """
    generator, current = pyotp.HOTP(secret), now // STEP_MS
    steps = range(current - DRIFT, current + DRIFT + 1)
    matches = [step for step in steps if hmac.compare_digest(generator.at(step), code)]
    fresh = [step for step in matches if last_step is None or step > last_step]
    return fresh[0] if fresh else None


def recovery_digest(user_id: str, code: str) -> str:
    """SHA-256 in hex. A code has 80 random bits and needs no slow hash."""
    return hashlib.sha256(f"{user_id} {code}".encode()).hexdigest()


def grouped(code: str) -> str:
    """In groups of four, to be read and typed: `abcd-efgh-ijkl-mnop`."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _compact(text: str) -> str:
    return _SEPARATORS.sub("", text[:MAX_CODE])
