"""Raise the limit of open files.

Each request and each idle connection is an open file. The usual default of 1,024 for a process is
too low for a worker.
"""

import logging
import resource

# Enough for the largest MAX_IN_FLIGHT, parked requests and idle connections.
TARGET = 16_384

_log = logging.getLogger(__name__)


def raise_open_file_limit(max_in_flight: int) -> None:
    """Raise this process's soft limit as far as the hard limit allows. Log a warning if that is too
    low for `max_in_flight`: running out of files looks like unreachable receivers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    target = TARGET if hard == resource.RLIM_INFINITY else min(TARGET, hard)
    if soft != resource.RLIM_INFINITY and soft < target:
        resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
        soft = target
    needed = 4 * max_in_flight
    if soft != resource.RLIM_INFINITY and soft < needed:
        _log.warning(
            "open file limit %d is too low for %d requests in flight; raise `ulimit -Hn` to %d"
            " or lower MAX_IN_FLIGHT",
            *(soft, max_in_flight, needed),
        )
