"""Retry a transaction that PostgreSQL aborted to resolve a deadlock."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError

R = TypeVar("R")

MAX_TRIES = 4
# deadlock_detected and serialization_failure: nothing was committed.
_RETRYABLE = ("40P01", "40001")


def retry_on_deadlock(work: Callable[[], R]) -> R:
    """Run `work`, which is one whole transaction, and run it again after a deadlock."""
    for _ in range(MAX_TRIES - 1):
        try:
            return work()
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in _RETRYABLE:
                raise
    return work()
