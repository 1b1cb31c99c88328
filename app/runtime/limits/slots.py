"""Limit how many long tasks run at once in this process, in total and per key."""

import threading


class Slots:
    """total: maximum of all keys. per_key: maximum of one key."""

    def __init__(self, total: int, per_key: int) -> None:
        self._total = total
        self._per_key = per_key
        self._key_by_token: dict[object, str] = {}
        self._lock = threading.Lock()

    def acquire(self, key: str) -> object | None:
        """A token for `release`; None if no slot is free."""
        with self._lock:
            own = sum(other == key for other in self._key_by_token.values())
            if len(self._key_by_token) >= self._total or own >= self._per_key:
                return None
            token = object()
            self._key_by_token[token] = key
            return token

    def release(self, token: object) -> None:
        """May be called more than once."""
        with self._lock:
            self._key_by_token.pop(token, None)
