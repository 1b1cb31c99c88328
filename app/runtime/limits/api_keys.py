"""Limit how many requests per second an API key may make.

All processes of an installation share the count, which Redis keeps. A process takes tokens out of
it in blocks, so that most requests need no round trip.
"""

import threading
import time
from dataclasses import dataclass, field

from limits import RateLimitItemPerSecond
from limits.storage import Storage

from app.runtime import event_loop
from app.runtime.limits.storage import LimitStorage

# Every key may make this many requests per second, however many processes hold a block of tokens.
GUARANTEED_PER_SECOND = 100
# A block is this fraction of what goes beyond the guarantee, so up to 20 processes may hold one.
BLOCKS_PER_WINDOW = 20
# Above this many keys, those without a current block are dropped.
MAX_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key has left. reset: seconds until `limit` requests are allowed again.
    retry_after: seconds until the next request is allowed; None if this request is allowed."""

    limit: int
    remaining: int
    reset: int
    retry_after: int | None

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Without Retry-After, which the surface adds to its own 429."""
        return [
            ("X-RateLimit-Limit", str(self.limit)),
            ("X-RateLimit-Remaining", str(self.remaining)),
            ("X-RateLimit-Reset", str(self.reset)),
        ]


@dataclass(slots=True)
class _Block:
    """tokens: what this process may still use until `expires_at`. shared: what was left for all
    processes when the block was taken. retry_at: when to take the next block
    after one came back empty."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    tokens: int = 0
    shared: int = 0
    expires_at: float = 0.0
    retry_at: float = 0.0


class RateLimiter:
    """Allow `rate` requests per key in each window of `seconds`."""

    def __init__(self, storage: LimitStorage, name: str, rate: int, seconds: int = 1) -> None:
        self._storage = storage
        self._item = RateLimitItemPerSecond(rate, seconds, namespace=name)
        self._size = 1 + max(0, rate - GUARANTEED_PER_SECOND) // BLOCKS_PER_WINDOW
        self._seconds = seconds
        self._blocks: dict[str, _Block] = {}

    def take(self, key: str) -> Allowance:
        """Take one token of `key`, if there is one. WouldWait on an event loop."""
        clock = time.monotonic()
        block = self._blocks.get(key)
        if block is None:
            block = self._new_block(key, clock)
        # Another thread may hold the lock while it waits for Redis.
        if not block.lock.acquire(blocking=not event_loop.is_here()):
            raise event_loop.WouldWait
        try:
            if clock >= block.expires_at or (not block.tokens and clock >= block.retry_at):
                event_loop.about_to_wait()
                self._fill(block, key, clock)
            is_allowed = block.tokens > 0
            block.tokens -= is_allowed
            remaining = block.tokens + block.shared
        finally:
            block.lock.release()
        wait = None if is_allowed else self._seconds
        return Allowance(self._item.amount, remaining, self._seconds, wait)

    def _fill(self, block: _Block, key: str, clock: float) -> None:
        def count(storage: Storage) -> int:
            return storage.incr(self._item.key_for(key), self._seconds, amount=self._size)

        left = self._item.amount - self._storage.use(count)
        block.tokens, block.shared = max(0, min(self._size, left + self._size)), max(0, left)
        block.expires_at = clock + self._seconds
        block.retry_at = clock + (0 if left > 0 else self._seconds / BLOCKS_PER_WINDOW)

    def _new_block(self, key: str, clock: float) -> _Block:
        if len(self._blocks) >= MAX_KEYS:
            blocks = list(self._blocks.items())
            self._blocks = {key: block for key, block in blocks if clock < block.expires_at}
        return self._blocks.setdefault(key, _Block())
