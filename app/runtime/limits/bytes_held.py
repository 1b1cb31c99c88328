"""Limit how many bytes wait in this process, in total and per key."""

import threading
from collections import Counter


class BytesHeld:
    """total: maximum of all keys. per_key: maximum of one key."""

    def __init__(self, total: int, per_key: int) -> None:
        self._total, self._per_key = total, per_key
        self._held: Counter[str] = Counter()
        self._sum = 0
        self._lock = threading.Lock()

    def take(self, key: str, size: int) -> bool:
        """Whether there is room; if so, `give_back` has to follow."""
        with self._lock:
            if self._sum + size > self._total or self._held[key] + size > self._per_key:
                return False
            self._sum += size
            self._held[key] += size
            return True

    def give_back(self, key: str, size: int) -> None:
        with self._lock:
            self._sum -= size
            self._held[key] -= size
            if not self._held[key]:
                del self._held[key]
