"""What a producer's id and a header may be called, and which text may be stored."""

import re

PRODUCER_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
PRODUCER_ID_REMEDY = "Use 1 to 128 letters, digits, dots, underscores, colons or hyphens."

# RFC 9110, section 5.6.2: what methods and header names are made of.
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_UNFIT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

MAX_SOURCE = 512
MAX_ORDERING_KEY = 512


def is_producer_id(value: object) -> bool:
    return isinstance(value, str) and PRODUCER_ID.fullmatch(value) is not None


def is_token(value: object) -> bool:
    return isinstance(value, str) and TOKEN.fullmatch(value) is not None


def text_fault(value: str, *, lines: bool = False) -> str | None:
    """What makes `value` unfit to be stored and shown as text, as a sentence; None: it is fit.

    lines: whether line breaks and tabs may stand in it.
    """
    unfit = (_UNFIT_LINES if lines else _UNFIT).search(value)
    if unfit is None:
        return None
    return f"It holds U+{ord(unfit[0]):04X}, a control character or half of a surrogate pair."
