"""Ids: UUIDs of version 7, as lower-case text with hyphens, so that they sort by time."""

import re

import uuid6

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def new_id() -> str:
    return str(uuid6.uuid7())


def is_id(text: object) -> bool:
    """Whether `text` is an id in the one form that we write; anything else names nothing."""
    return isinstance(text, str) and _UUID.fullmatch(text) is not None


def canonical_id(text: object) -> str | None:
    """The id in our form, also from upper case; None when it is none."""
    lowered = text.lower() if isinstance(text, str) else text
    return lowered if is_id(lowered) else None  # type: ignore[return-value]
