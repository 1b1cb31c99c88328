"""Which values of a payload an event can be searched by, and how the index stores them.

An index of every value would cost more than the event. What people look for are the ids of their
own objects: an asset, a job, a channel.
"""

import hashlib
import re
import struct
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import Any

from app.domain.common.errors import Malformed
from app.domain.common.ids import ms_of
from app.domain.common.strict_json import read

# Distinct values per event; more are ignored.
MAX_VALUES = 64
MAX_LENGTH = 128
# Looked at in each level of a payload. Hostile payloads have a hundred thousand.
MAX_FIELDS = 500
# Of a value whose key does not say that it is an id.
MIN_LENGTH = 8
# Rows of the index are grouped by the hour of their event (docs/decisions/0022).
HOUR_MS = 3_600_000

# The last word of a key whose value is an id, as in `media_id`, `jobIds` and `external-key`.
_ID_WORDS = frozenset(
    ("id", "ids", "uid", "uids", "uuid", "uuids", "guid", "guids", "key", "keys", "ref", "refs")
)
# Whole keys that name an object; their value identifies it.
_OBJECT = re.compile(
    "(?:asset|channel|clip|customer|encoding|event|file|job|media|order|owner|playlist|project"
    "|reference|render|session|source|stream|task|user|video)s?"
)
_SECRET_WORDS = frozenset(
    ("authorization", "credential", "password", "passwd", "secret", "signature", "token")
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Of media types, lists and email addresses.
_SEPARATORS = re.compile(r"[/,@]")
_DIGIT = re.compile(r"[0-9]")
# A letter that times and sizes do not have: 2026-02-24T11:52:20Z, 1920x1080.
_LETTER = re.compile(r"[a-su-wyA-SU-WY]")
_NO_ID, _ID, _SECRET = range(3)
_LARGEST = 2**63 - 1
_NUMBER = struct.Struct(">q")


def search_values(payload: dict[str, Any]) -> tuple[str, ...]:
    """The scalar values of the top two levels that look like ids, in lower case, in their order.
    Items of a list have its key, which must say that they are ids. Runs for every event; whatever
    the payload, it looks at MAX_FIELDS fields of each level at most."""
    values: dict[str, None] = {}
    _add(values, payload, MAX_FIELDS)
    left = MAX_FIELDS
    for key, value in islice(payload.items(), MAX_FIELDS):
        if left <= 0 or len(values) >= MAX_VALUES:
            break
        type_ = type(value)
        if type_ is dict:
            left = _add(values, value, left)
        elif type_ is list and value and _kind_of_key(key) == _ID:
            for item in value[: min(left, MAX_VALUES)]:
                left = _add(values, {key: item}, left)
    return tuple(values)[:MAX_VALUES]


def values_of(payload: bytes) -> tuple[str, ...]:
    """The same for a stored payload."""
    try:
        document = read(payload)
    except Malformed:
        return ()
    return search_values(document) if isinstance(document, dict) else ()


def searched_value(text: str) -> str | None:
    """The text as the index has it; None if it has no value of this length or these characters."""
    value = text.strip()
    return value.lower() if 0 < len(value) <= MAX_LENGTH and _is_word(value) else None


def hashes(organization_id: str, values: Iterable[str]) -> list[bytes]:
    """Eight bytes for each value. Keyed by the organization, so that nobody can fill the index with
    values that collide with another organization's."""
    keyed, digests = _keyed(organization_id), []
    for value in values:
        digest = keyed.copy()
        digest.update(value.encode("utf-8", "replace"))
        digests.append(digest.digest())
    return digests


def number_of(hash_: bytes) -> int:
    """As the index has it: 64 bits with a sign."""
    number: int = _NUMBER.unpack(hash_)[0]
    return number


def hour_of(event_id: str) -> int:
    """Of the event's acceptance, in hours since the epoch."""
    return ms_of(event_id) // HOUR_MS


@lru_cache(maxsize=256)
def _keyed(organization_id: str) -> Any:
    """Copying it takes half as long as creating it."""
    return hashlib.blake2b(key=organization_id.encode(), digest_size=8)


def _add(values: dict[str, None], fields: dict[str, Any], left: int) -> int:
    """Look at `left` fields at most; returns how many may still be looked at."""
    for key, value in islice(fields.items(), left):
        type_ = type(value)
        if type_ is str:
            if len(value) > MAX_LENGTH or " " in value:
                continue
            kind = _kind_of_key(key)
            is_id = kind == _ID or (
                kind == _NO_ID and len(value) >= MIN_LENGTH and _is_mixed(value)
            )
            if is_id and value and _is_word(value):
                values[value.lower()] = None
        elif type_ is int and _kind_of_key(key) == _ID and -_LARGEST <= value <= _LARGEST:
            values[str(value)] = None
    return left - len(fields)


def _is_word(value: str) -> bool:
    """No white space or control characters, and no URL."""
    return " " not in value and "://" not in value and value.isprintable()


def _is_mixed(value: str) -> bool:
    return (
        _SEPARATORS.search(value) is None
        and _DIGIT.search(value) is not None
        and _LETTER.search(value) is not None
    )


@lru_cache(maxsize=4096)
def _kind_of_key(key: str) -> int:
    words = [word.lower() for word in _WORDS.findall(key[:MAX_LENGTH])]
    if not words:
        return _NO_ID
    if not _SECRET_WORDS.isdisjoint(words) or words[-2:] == ["api", "key"]:
        return _SECRET
    return _ID if words[-1] in _ID_WORDS or _OBJECT.fullmatch(key.lower()) else _NO_ID
