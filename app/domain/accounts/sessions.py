"""How long a sign-in lasts."""

HOUR_MS, DAY_MS = 3_600_000, 86_400_000

# Without use, and in all. A person may choose "Remember this browser" for the longer one.
IDLE_MS, LIFETIME_MS = 12 * HOUR_MS, 7 * DAY_MS
REMEMBERED_MS = 30 * DAY_MS
# Use is recorded at most this often: a page view must not be a write.
TOUCH_MS = 60_000


def is_alive(created_at: int, seen_at: int, now: int, *, remembered: bool) -> bool:
    """Whether a session may still be used. Times are milliseconds since the epoch."""
    idle, lifetime = (REMEMBERED_MS, REMEMBERED_MS) if remembered else (IDLE_MS, LIFETIME_MS)
    return now - seen_at < idle and now - created_at < lifetime


def is_touch_due(seen_at: int, now: int) -> bool:
    return now - seen_at >= TOUCH_MS
