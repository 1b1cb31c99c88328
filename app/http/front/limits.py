"""How long a client may take, and how much it may send."""

import resource
from dataclasses import dataclass, replace

from app.runtime.configuration.settings import Settings

# Descriptors for the database, Redis, logs and files.
_OTHER_DESCRIPTORS = 96
_CONNECTIONS = 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds, sizes in bytes.

    header: from the first byte of a request (or the connection) to the end of its header.
    body: from there to the end of its body; longer as long as `body_rate` bytes a second arrive.
    idle: between two requests. write: without progress in taking a response, at the same rate.
    commit: for the commit of an event, before its client is told to retry.
    linger: for a client that still sends after it was refused.
    first: at a stop, for the first request of a new connection to arrive.
    connections: the next one takes the place of one that waits, or is refused.
    discarded: of a body that is too large, this much is read and discarded.
    buffered: of all bodies that are being read; more are refused with 503. unsent: of a response,
    while the next request waits.
    """

    header: float = 10.0
    body: float = 30.0
    body_rate: int = 64 << 10
    idle: float = 15.0
    write: float = 30.0
    commit: float = 1.0
    linger: float = 2.0
    first: float = 1.0
    connections: int = _CONNECTIONS
    head_bytes: int = 64 << 10
    line_bytes: int = 8190
    fields: int = 100
    discarded: int = 32 << 20
    buffered: int = 256 << 20
    unsent: int = 64 << 10


def limits_of(settings: Settings) -> Limits:
    """The limits of this process. Raises its number of open files as far as it may."""
    limits = Limits(
        header=float(settings.request_header_seconds), body=float(settings.request_body_seconds)
    )
    return replace(
        limits,
        connections=max(16, min(limits.connections, _descriptors() - _OTHER_DESCRIPTORS)),
        discarded=max(limits.discarded, settings.max_batch_bytes + 4096),
        buffered=max(limits.buffered, 4 * settings.max_batch_bytes),
    )


def _descriptors() -> int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _CONNECTIONS + _OTHER_DESCRIPTORS
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft in (resource.RLIM_INFINITY, -1) or soft >= wanted:
        return _CONNECTIONS + _OTHER_DESCRIPTORS
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
