"""Count requests in Redis, or in this process's memory while Redis is unavailable."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import redis
from limits.storage import MemoryStorage, RedisStorage, Storage

T = TypeVar("T")

KEY_PREFIX = "callboard:limits"
# After an error, counts stay per process for this long.
RETRY_SECONDS = 5.0

_log = logging.getLogger(__name__)


class LimitStorage:
    """Thread-safe. connection: fails fast, since requests wait for it."""

    def __init__(self, connection: redis.Redis) -> None:
        pool = connection.connection_pool
        self._redis = RedisStorage("redis://", connection_pool=pool, key_prefix=KEY_PREFIX)
        self._memory: MemoryStorage | None = None
        self._mutex = threading.Lock()
        self._is_failing = False
        self._retry_at = float("-inf")

    def use(self, work: Callable[[Storage], T]) -> T:
        """Return the result of `work` on the storage. It may run twice, the second time on memory
        after it failed on Redis."""
        if self._may_try_redis():
            try:
                result = work(self._redis)
            except (redis.RedisError, OSError) as error:
                self._retry_at = time.monotonic() + RETRY_SECONDS
                if not self._is_failing:
                    _log.warning("Redis unavailable (%s); rate limits apply per process", error)
                self._is_failing = True
            else:
                self._is_failing = False
                return result
        return work(self._local())

    def _may_try_redis(self) -> bool:
        if not self._is_failing:
            return True
        with self._mutex:
            clock = time.monotonic()
            if clock < self._retry_at:
                return False
            # One thread tries; the others go on with memory meanwhile.
            self._retry_at = clock + RETRY_SECONDS
            return True

    def _local(self) -> MemoryStorage:
        """Created when it is first needed, because it starts a thread: gunicorn forks before."""
        with self._mutex:
            if self._memory is None:
                self._memory = MemoryStorage()
            return self._memory
