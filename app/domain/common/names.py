"""Rules for producers' ids, HTTP tokens and text."""

import re

PRODUCER_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
PRODUCER_ID_REMEDY = "Use 1 to 128 letters, digits, dots, underscores, colons or hyphens."

# RFC 9110, section 5.6.2: methods and header names.
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
TOKEN_PATTERN = f"^{TOKEN.pattern}$"

_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_CONTROL_BUT_BREAKS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

# The same as patterns of JSON Schema. Lone surrogates are in no valid JSON text.
TEXT_PATTERN = r"^[^\x00-\x1f\x7f]*$"
NOT_NUL_PATTERN = r"^[^\x00]*$"
LINES_PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

MAX_SOURCE = 512
MAX_ORDERING_KEY = 512


def is_producer_id(value: object) -> bool:
    return isinstance(value, str) and PRODUCER_ID.fullmatch(value) is not None


def is_token(value: object) -> bool:
    return isinstance(value, str) and TOKEN.fullmatch(value) is not None


def text_fault(value: str, *, lines: bool = False) -> str | None:
    """Return a sentence on the first character that cannot be stored as text, or None.

    lines: allow line breaks and tabs.
    """
    match = (_CONTROL_BUT_BREAKS if lines else _CONTROL).search(value)
    if match is None:
        return None
    return f"It contains U+{ord(match[0]):04X}, a control character or a lone surrogate."
