"""When a key was last used: written at most once a minute and never in a request."""

from flask import Flask

from app.models import ApiKey
from app.store.noted_times import NotedTimes

MINUTE_MS = 60_000
# Collects the keys of several requests into one write.
DELAY_SECONDS = 2.0


class KeyUsage(NotedTimes):
    def __init__(self, app: Flask) -> None:
        super().__init__(app, ApiKey.last_used_at, DELAY_SECONDS)
        self._written: dict[str, int] = {}

    def note(self, key_id: str, stored: int | None, now: int) -> None:
        """stored: `last_used_at` in the key's row. Times are milliseconds since the epoch."""
        if now - max(self._written.get(key_id, 0), stored or 0) >= MINUTE_MS:
            self._written[key_id] = now
            self.put(key_id, now)
