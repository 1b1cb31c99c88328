"""Two transactions that wait for each other: PostgreSQL ends one of them, and it tries again."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError

R = TypeVar("R")

TRIES = 4
# deadlock_detected, serialization_failure: nothing was committed.
_AGAIN = ("40P01", "40001")


def retry_on_deadlock(work: Callable[[], R]) -> R:
    """What `work` gives, which is one whole transaction and may be begun anew."""
    for _ in range(TRIES - 1):
        try:
            return work()
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in _AGAIN:
                raise
    return work()
