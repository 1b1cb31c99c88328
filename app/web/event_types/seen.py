"""How often an event type was sent, and when it was last posted."""

from dataclasses import dataclass

from app.domain.common.clock import now_ms
from app.domain.deliveries.spans import window
from app.queries.common.pages import EXAMINED
from app.queries.events import listing as event_queries
from app.queries.events.listing import EventFilter
from app.queries.statistics import counters
from app.web.common.filters import edge_time

RANGE = "24h"


@dataclass(frozen=True, slots=True)
class Seen:
    """volume: attempts of the last 24 hours. last_at: of the newest event; None: there is none in
    the events that were searched, which go back to `searched_since` (None: all). Milliseconds."""

    volume: int
    last_at: int | None
    searched_since: int | None


def volumes(organization_id: str) -> dict[str, int]:
    """Attempts of the last 24 hours by event type."""
    figures = counters.figures(organization_id, window(RANGE, now_ms()))
    return dict(figures.named("type"))


def seen_of(organization_id: str, name: str) -> Seen:
    # As many rows each time: a busy machine must not change what the page says.
    page = event_queries.page(organization_id, EventFilter(type=name), 1, examined=EXAMINED)
    last_at = page.rows[0].created_at if page.rows else None
    searched = None if page.rows else edge_time(page.next_cursor)
    return Seen(volumes(organization_id).get(name, 0), last_at, searched)
