"""When listeners last asked for callbacks. A thousand of them cost the database a statement now and
then."""

from flask import Flask

from app.models import Listener
from app.store.noted_times import NotedTimes

# Collects the listeners of many requests into one write. Far below service.SILENT_SECONDS.
DELAY_SECONDS = 5.0


class Sightings(NotedTimes):
    def __init__(self, app: Flask) -> None:
        super().__init__(app, Listener.seen_at, DELAY_SECONDS)

    def note(self, listener_id: str, now: int) -> None:
        """now: milliseconds since the epoch."""
        self.put(listener_id, now)
