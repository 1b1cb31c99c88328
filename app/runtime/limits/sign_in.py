"""Limit failed sign-in attempts."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from app.runtime.limits.storage import LimitStorage


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `attempts` of one subject within `seconds` of the first."""

    name: str
    attempts: int
    seconds: int

    @property
    def item(self) -> RateLimitItem:
        return RateLimitItemPerSecond(self.attempts, self.seconds, namespace=self.name)


# A limit, and whom it counts: an email address, an IP address, or both.
Subject = tuple[Limit, str]


class SignInLimiter:
    def __init__(self, storage: LimitStorage) -> None:
        self._storage = storage

    def take(self, subjects: Sequence[Subject]) -> int:
        """Count an attempt of every subject; seconds to wait, 0 if the attempt is allowed.

        Call it before the outcome is known, so that concurrent attempts count too. An attempt that
        is refused does not count: one address must not use up the attempts of a person everywhere.
        """

        def count(storage: Storage) -> int:
            limiter = FixedWindowRateLimiter(storage)
            counted = [(limit.item, _digest(name)) for limit, name in subjects]
            exhausted = [subject for subject in counted if not limiter.test(*subject)]
            exhausted = exhausted or [subject for subject in counted if not limiter.hit(*subject)]
            ends = [limiter.get_window_stats(*subject).reset_time for subject in exhausted]
            return max((max(1, round(end - time.time())) for end in ends), default=0)

        return self._storage.use(count)

    def reset(self, subjects: Sequence[Subject]) -> None:
        """Start the count of `subjects` anew, after a successful sign-in."""

        def clear(storage: Storage) -> None:
            for limit, name in subjects:
                FixedWindowRateLimiter(storage).clear(limit.item, _digest(name))

        self._storage.use(clear)


def _digest(name: str) -> str:
    """Redis shall not hold anybody's addresses."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
