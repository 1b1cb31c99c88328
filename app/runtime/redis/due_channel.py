"""What processes tell each other on the channel of due deliveries.

A message of a web process names the webhooks that have new due deliveries; one without names, as
those of the previous release, tells to look into the due queue. A worker says that it is awake, so
that the workers that are can share the webhooks among themselves.
"""

from collections.abc import Collection

import msgspec

from app.domain.common.ids import is_id

CHANNEL = "callboard:due"
# More names than this cost more than a look into the due queue.
MAX_NAMES = 64
_MAX_BYTES = 16_384
_SEPARATOR, _AWAKE, _ASLEEP = b",", b"awake ", b"asleep "

# Organization id and webhook id.
Due = tuple[str, str]


class Presence(msgspec.Struct, frozen=True):
    """worker: a name that no other process has at the same time."""

    worker: str
    is_awake: bool


def named(due: Collection[Due]) -> bytes:
    """The message that these webhooks have due deliveries."""
    if not 0 < len(due) <= MAX_NAMES:
        return b""
    return ",".join([f"{organization}:{webhook}" for organization, webhook in due]).encode()


def presence(worker: str, *, is_awake: bool) -> bytes:
    """The message that a worker listens, or that it will not from now on."""
    return (_AWAKE if is_awake else _ASLEEP) + worker.encode()


def read(message: object) -> Presence | list[Due]:
    """The opposite of `named` and `presence`. No names: look into the due queue."""
    if not isinstance(message, bytes) or len(message) > _MAX_BYTES:
        return []
    for prefix in (_AWAKE, _ASLEEP):
        if message.startswith(prefix):
            worker = message.removeprefix(prefix)[:64].decode(errors="replace")
            return Presence(worker, prefix == _AWAKE)
    due = []
    for name in message.split(_SEPARATOR):
        organization, _, webhook = name.decode(errors="replace").partition(":")
        if not (is_id(organization) and is_id(webhook)):
            return []
        due.append((organization, webhook))
    return due
