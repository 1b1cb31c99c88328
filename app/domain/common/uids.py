"""Ids of the caller's own, next to ours."""

import re

from app.domain.common.errors import invalid
from app.domain.common.ids import canonical_id

_UID = re.compile(r"[A-Za-z0-9._-]{1,256}")
_REMEDY = "Use 1 to 256 letters, digits, dots, underscores or hyphens, but not one of our IDs."


def is_uid(text: str) -> bool:
    """Whether it could be one."""
    return _UID.fullmatch(text) is not None


def check_uid(value: object, field: str = "uid") -> str | None:
    """Return it unchanged; None: none. Raises Invalid, also for what could be one of our ids, with
    or without a prefix such as `ep_`, since both are used in the same paths."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise invalid(field, "type", "Not a string.", _REMEDY)
    if _UID.fullmatch(value) is None:
        raise invalid(field, "format", f"{value[:40]!r} is not a valid uid.", _REMEDY)
    if canonical_id(value.rpartition("_")[2]) is not None:
        raise invalid(field, "format", "It looks like one of our IDs.", _REMEDY)
    return value
