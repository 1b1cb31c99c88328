"""Open files: each call is one, and each connection that is kept; what a system allows a process
unasked (1,024 as a rule) is less than a worker's calls."""

import logging
import resource

# For the largest MAX_IN_FLIGHT, what waits for slow receivers beside it, and what is kept.
ENOUGH = 16_384

_log = logging.getLogger(__name__)


def allow_many(calls: int) -> None:
    """Raise this process's own limit as far as it may. calls: that go at once; a warning when the
    limit is too low for them, since then receivers would be called unreachable that are not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(ENOUGH, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    needed = 4 * calls
    if soft != resource.RLIM_INFINITY and soft < needed:
        _log.warning(
            "this process may open %d files: too few for %d calls at once; raise `ulimit -Hn` to"
            " %d, or lower MAX_IN_FLIGHT",
            *(soft, calls, needed),
        )
