"""Times as the API takes them."""

from datetime import datetime

Time = datetime | str


def time_text(time: Time | None) -> str | None:
    """ISO 8601 with an offset. A datetime without a time zone raises ValueError, since the server
    may run in another one."""
    if time is None or isinstance(time, str):
        return time
    if time.tzinfo is None:
        raise ValueError("Give a datetime with a time zone, such as datetime.now(UTC).")
    return time.isoformat()
