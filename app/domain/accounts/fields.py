"""What people and programs may type into accounts: names, e-mail addresses, passwords, times."""

import re
import unicodedata

from app.domain.common.clock import parse_iso
from app.domain.common.errors import FieldError, Invalid, invalid
from app.domain.common.ids import canonical_id
from app.domain.common.names import text_fault

MIN_PASSWORD, MAX_PASSWORD = 10, 256
# The year 9999: beyond it no calendar follows.
MAX_TIME = 253_402_300_799_999

# Looser than the standards where they are odd (no quotes, no comments), wider where a house has
# names of its own: `ada@localhost` and `ada@corp.local` are addresses.
_EMAIL = re.compile(
    r"[^\s@\"(),:;<>\[\\\]]{1,64}@[^\W_](?:[\w-]{0,62}[^\W_])?(?:\.[^\W_](?:[\w-]{0,62}[^\W_])?)*"
)


def check_name(value: object, field: str = "name", *, longest: int = 200) -> str:
    """The name without white space at its ends. Invalid unless it has 1 to `longest` characters,
    none of which is a control character or half a surrogate pair."""
    remedy = f"Give 1 to {longest} printable characters."
    if not isinstance(value, str):
        raise invalid(field, "type", "It is not a text.", remedy)
    name = unicodedata.normalize("NFC", value).strip()
    if not 1 <= len(name) <= longest:
        raise invalid(field, "length", f"It has {len(name)} characters.", remedy)
    fault = text_fault(name)
    if fault:
        raise invalid(field, "characters", fault, remedy)
    return name


def check_email(value: object, field: str = "email") -> str:
    """The address in the one form in which it is kept and looked up: NFC, lower case."""
    remedy = "Give an address such as ada@example.com."
    if not isinstance(value, str):
        raise invalid(field, "type", "It is not a text.", remedy)
    email = unicodedata.normalize("NFC", value.strip()).lower()
    if len(email) > 254:
        raise invalid(field, "length", "It is longer than 254 characters.", remedy)
    if not _EMAIL.fullmatch(email) or not email.isprintable():
        raise invalid(field, "email", "It is not an e-mail address.", remedy)
    return email


def check_password(value: object, email: str = "", field: str = "password") -> str:
    """The password as it was typed, spaces and all."""
    remedy = f"Choose {MIN_PASSWORD} to {MAX_PASSWORD} characters; a few words are good."
    if not isinstance(value, str):
        raise invalid(field, "type", "It is not a text.", remedy)
    if len(value) < MIN_PASSWORD:
        raise invalid(field, "length", "It is too short to be safe.", remedy)
    if len(value) > MAX_PASSWORD:
        raise invalid(field, "length", "It is longer than is taken.", remedy)
    if len(set(value)) < 4 or value.lower() == email:
        raise invalid(field, "weak", "It is too easy to guess.", remedy)
    return value


def check_choice(value: object, choices: tuple[str, ...], field: str) -> str:
    """One of `choices`, as it is written there."""
    if isinstance(value, str) and value in choices:
        return value
    remedy = f"Give one of {', '.join(choices)}."
    raise invalid(field, "choice", "It is none of those that there are.", remedy)


def check_choices(value: object, choices: tuple[str, ...], field: str) -> list[str] | None:
    """Some of `choices`, in their order; None stands for all of them. Never an empty list."""
    if value is None:
        return None
    remedy = f"Give a list with some of {', '.join(choices)}, or leave it out for all."
    if not isinstance(value, list) or not value:
        raise invalid(field, "type", "It is not a list with something in it.", remedy)
    unknown = [i for i, item in enumerate(value) if item not in choices]
    if unknown:
        problem = "It is none of those that there are."
        errors = [FieldError(f"{field}[{i}]", "choice", problem, remedy) for i in unknown]
        raise Invalid(errors)
    return [choice for choice in choices if choice in value]


def check_expiry(value: object, now: int, field: str = "expires_at") -> int | None:
    """A time to come, in milliseconds since the epoch; from ISO 8601 text, or such a number.
    None: never."""
    if value is None:
        return None
    remedy = "Give a time to come as ISO 8601, such as 2030-01-31T12:00:00Z, or leave it out."
    try:
        at = parse_iso(value) if isinstance(value, str) else value
    except (ValueError, OverflowError):
        raise invalid(field, "time", "It is not a time.", remedy) from None
    if not isinstance(at, int) or isinstance(at, bool):
        raise invalid(field, "type", "It is not a time.", remedy)
    if not now < at <= MAX_TIME:
        raise invalid(field, "range", "It is not in the time to come.", remedy)
    return at


def check_id(value: object, field: str = "id") -> str:
    """A UUID in the form in which we write it."""
    found = canonical_id(value)
    if found is None:
        remedy = "Give a UUID such as 0198c1f0-6e1f-7c3a-9b1e-2f0c5a7d4e11, or leave it out."
        raise invalid(field, "id", "It is not a UUID.", remedy)
    return found
