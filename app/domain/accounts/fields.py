"""Checks of account fields: names, email addresses, passwords, times."""

import re
import unicodedata

from app.domain.common.clock import parse_iso
from app.domain.common.errors import FieldError, Invalid, invalid
from app.domain.common.ids import canonical_id
from app.domain.common.names import text_fault

MIN_PASSWORD, MAX_PASSWORD = 10, 256
# The end of the year 9999, the last that datetime supports.
MAX_TIME = 253_402_300_799_999

# Stricter than the standards about quotes and comments; also accepts internal domains such as
# `ada@localhost` and `ada@corp.local`.
_EMAIL = re.compile(
    r"[^\s@\"(),:;<>\[\\\]]{1,64}@[^\W_](?:[\w-]{0,62}[^\W_])?(?:\.[^\W_](?:[\w-]{0,62}[^\W_])?)*"
)


def check_name(value: object, field: str = "name", *, longest: int = 200) -> str:
    """Return the name, stripped. Raises Invalid unless it has 1 to `longest` characters without
    control characters and lone surrogates."""
    remedy = f"Use 1 to {longest} printable characters."
    if not isinstance(value, str):
        raise invalid(field, "type", "Not a string.", remedy)
    name = unicodedata.normalize("NFC", value).strip()
    if not 1 <= len(name) <= longest:
        raise invalid(field, "length", f"It has {len(name)} characters.", remedy)
    fault = text_fault(name)
    if fault:
        raise invalid(field, "characters", fault, remedy)
    return name


def check_email(value: object, field: str = "email") -> str:
    """Return the address as it is stored and looked up: NFC, lower case."""
    remedy = "Use an address such as ada@example.com."
    if not isinstance(value, str):
        raise invalid(field, "type", "Not a string.", remedy)
    email = unicodedata.normalize("NFC", value.strip()).lower()
    if len(email) > 254:
        raise invalid(field, "length", "It is longer than 254 characters.", remedy)
    if not _EMAIL.fullmatch(email) or not email.isprintable():
        raise invalid(field, "email", "Not an email address.", remedy)
    return email


def check_password(value: object, email: str = "", field: str = "password") -> str:
    """Return the password unchanged, including white space."""
    remedy = f"Use {MIN_PASSWORD} to {MAX_PASSWORD} characters; several words work well."
    if not isinstance(value, str):
        raise invalid(field, "type", "Not a string.", remedy)
    if len(value) < MIN_PASSWORD:
        raise invalid(field, "length", "Too short.", remedy)
    if len(value) > MAX_PASSWORD:
        raise invalid(field, "length", "Too long.", remedy)
    if len(set(value)) < 4 or value.lower() == email or is_guessable(value, email):
        raise invalid(field, "weak", "Too easy to guess.", remedy)
    return value


def is_guessable(password: str, email: str = "") -> bool:
    """Whether the password is common or follows a pattern that takes less than a million guesses,
    by the lists and rules of zxcvbn. Only the first 64 characters count, to bound the time."""
    # Imported here: its lists take 60 ms to load, and most processes never need them.
    from zxcvbn import zxcvbn

    hints = [email, email.partition("@")[0], "callboard"]
    return int(zxcvbn(password[:64], user_inputs=hints)["score"]) < 2


def check_choice(value: object, choices: tuple[str, ...], field: str) -> str:
    """Raises Invalid unless the value is one of `choices`."""
    if isinstance(value, str) and value in choices:
        return value
    remedy = f"Use one of {', '.join(choices)}."
    raise invalid(field, "choice", "Unknown value.", remedy)


def check_choices(value: object, choices: tuple[str, ...], field: str) -> list[str] | None:
    """Return the selected choices in their order; None means all. An empty list is invalid."""
    if value is None:
        return None
    remedy = f"List at least one of {', '.join(choices)}, or omit the field for all."
    if not isinstance(value, list) or not value:
        raise invalid(field, "type", "Not a list with at least one entry.", remedy)
    unknown = [i for i, item in enumerate(value) if item not in choices]
    if unknown:
        problem = "Unknown value."
        errors = [FieldError(f"{field}[{i}]", "choice", problem, remedy) for i in unknown]
        raise Invalid(errors)
    return [choice for choice in choices if choice in value]


def check_expiry(value: object, now: int, field: str = "expires_at") -> int | None:
    """Return a future time in milliseconds since the epoch, from ISO 8601 or such a number; None
    means never."""
    if value is None:
        return None
    remedy = "Use a future time in ISO 8601, such as 2030-01-31T12:00:00Z, or omit the field."
    try:
        at = parse_iso(value) if isinstance(value, str) else value
    except (ValueError, OverflowError):
        raise invalid(field, "time", "Not a time.", remedy) from None
    if not isinstance(at, int) or isinstance(at, bool):
        raise invalid(field, "type", "Not a time.", remedy)
    if not now < at <= MAX_TIME:
        raise invalid(field, "range", "Not in the future.", remedy)
    return at


def check_flag(value: object, field: str) -> bool:
    if not isinstance(value, bool):
        raise invalid(field, "type", "It must be true or false.", "Send true or false.")
    return value


def check_id(value: object, field: str = "id") -> str:
    """Return the UUID in canonical form."""
    id_ = canonical_id(value)
    if id_ is None:
        remedy = "Use a UUID such as 0198c1f0-6e1f-7c3a-9b1e-2f0c5a7d4e11, or omit the field."
        raise invalid(field, "id", "Not a UUID.", remedy)
    return id_
