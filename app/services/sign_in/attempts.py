"""Limit how often credentials may be tried."""

import logging

from app.domain.common.errors import RateLimited
from app.runtime.context import runtime
from app.runtime.limits.sign_in import Limit, Subject

log = logging.getLogger(__name__)

QUARTER_SECONDS, DAY_SECONDS = 15 * 60, 24 * 3600
# Of the current password, by a session that was left open.
CURRENT_PASSWORD = Limit("current password", 10, QUARTER_SECONDS)
# Three of a million codes are valid at a time: 100 attempts a day find one in nine years.
SECOND_FACTOR = Limit("second factor", 10, QUARTER_SECONDS)
SECOND_FACTOR_DAY = Limit("second factor a day", 100, DAY_SECONDS)

TOO_MANY = "Too many attempts. Try again later."


def count(subjects: list[Subject]) -> None:
    """Count an attempt of each subject, before its outcome is known. RateLimited."""
    wait = runtime().sign_in_limiter.take(subjects)
    if wait:
        log.warning("Sign-in is refused for a while: too many tries from %s.", subjects[0][1])
        raise RateLimited(wait, TOO_MANY)


def reset(subjects: list[Subject]) -> None:
    """Reset the counts after a success."""
    runtime().sign_in_limiter.reset(subjects)
